/** A policy that hears nothing and evicts nothing: what the others are made of. */
import { MAX_PAGES } from '../record-log.js';
import type { EvictionPolicy, VictimVisitor } from './eviction-policy.js';

export class QuietPolicy implements EvictionPolicy {
  readonly layout: number = 0;
  readonly mustLearn: boolean = false;
  readonly usesBothQueues: boolean = false;
  maxPages = MAX_PAGES;

  get memoryBytes(): number {
    return 0;
  }

  queueFor(_hash: number, _bodyLength: number): number {
    return 0;
  }

  missed(_hash: number): void {}
  inserted(_shard: number, _address: number, _bytes: Uint8Array, _at: number, _nowMs: number): void {}
  learn(_shard: number, _address: number, _bytes: Uint8Array, _at: number, _nowMs: number, _wasKnown: boolean): void {}
  hit(_shard: number, _address: number, _bytes: Uint8Array, _at: number, _nowMs: number): void {}
  resizing(_shard: number, _address: number, _bytes: Uint8Array, _at: number, _sign: 1 | -1): void {}
  removing(_shard: number, _address: number, _bytes: Uint8Array, _at: number, _isKnown: boolean): void {}
  cleared(_shard: number): void {}
  pageMoved(
    _shard: number,
    _page: number,
    _target: number,
    _from: number,
    _offsets: Uint16Array,
    _isKnown: boolean,
  ): void {}
  evictableChanged(_partition: number): void {}

  evict(_maxEntries: number, _nowMs: number, _visit: VictimVisitor): number {
    return 0;
  }

  collectIdle(_maxEntries: number, _nowMs: number, _visit: VictimVisitor): number {
    return 0;
  }

  idleSinceMs(_bytes: Uint8Array, _at: number): number {
    return 0;
  }

  dispose(): void {}
}
