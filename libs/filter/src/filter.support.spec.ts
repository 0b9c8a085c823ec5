/** A store in the specs of filters: sets of hashes by partition, and hashes to fill them with. */
import { prefixOf } from '#libs/engine';
import type { KeyVisitor, ShardKeys } from './shard-keys.js';

export interface Hash {
  readonly high: number;
  readonly low: number;
}

/** Hashes that look random and are the same each time (sfc32). */
export class HashSource {
  private a = 1;
  private b = 2;
  private c = 3;
  private count = 1;

  constructor(seed = 0) {
    this.a = seed | 0;
    for (let i = 0; i < 16; i++) this.word();
  }

  word(): number {
    const sum = (((this.a + this.b) | 0) + this.count) | 0;
    this.count = (this.count + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }

  hash(): Hash {
    return { high: this.word(), low: this.word() };
  }

  hashes(count: number): Hash[] {
    return Array.from({ length: count }, () => this.hash());
  }
}

/** Keys that are nothing but their hashes, all different. */
export class SetShards implements ShardKeys {
  readonly shards: Set<Hash>[];

  constructor(partitionCount: number) {
    this.shards = Array.from({ length: partitionCount }, () => new Set<Hash>());
  }

  count(partition: number): number {
    return this.shards[partition].size;
  }

  scan(partition: number, fromPrefix: number, maxKeys: number, visit: KeyVisitor): number {
    const prefix = ({ high, low }: Hash): number => prefixOf(high, low);
    const rest = [...this.shards[partition]].filter((hash) => prefix(hash) >= fromPrefix);
    rest.sort((a, b) => prefix(a) - prefix(b));
    let last = -1;
    for (const [i, hash] of rest.entries()) {
      if (i >= maxKeys && prefix(hash) !== last) return prefix(hash);
      last = prefix(hash);
      visit(hash.high, hash.low);
    }
    return -1;
  }
}

/** A memory budget that can be watched. */
export class TestBudget {
  used = 0;

  constructor(public limit = Number.POSITIVE_INFINITY) {}

  readonly charge = (bytes: number): boolean => {
    if (bytes > 0 && this.used + bytes > this.limit) return false;
    this.used += bytes;
    return true;
  };
}
