import type { TableStore } from '#libs/cluster';
import { equalBytes, utf8Bytes } from '#libs/kernel';

/**
 * A store's rules for how long entries live: by the longest prefix of the key, else by the store's default, and never
 * longer than its maximum, which counts from the entry's creation. Prefixes are compiled to bytes once; a look-up allocates nothing.
 */
export class TtlRules {
  private readonly prefixes: readonly Uint8Array[];
  private readonly prefixTtlsMs: readonly number[];
  private readonly defaultTtlMs: number;
  private readonly maxTtlMs: number;
  /** False where expiry times stay as the client gave them. */
  readonly apply: boolean;
  /** Whether what they say depends on when an entry was created. */
  readonly needCreation: boolean;

  constructor({ ttlPrefixes, defaultTtlMs, maxTtlMs }: TableStore) {
    const rules = ttlPrefixes
      .map(({ prefix, ttlMs }) => ({ bytes: utf8Bytes(prefix), ttlMs }))
      .toSorted((a, b) => b.bytes.length - a.bytes.length);
    this.prefixes = rules.map(({ bytes }) => bytes);
    this.prefixTtlsMs = rules.map(({ ttlMs }) => ttlMs);
    this.defaultTtlMs = defaultTtlMs;
    this.maxTtlMs = maxTtlMs;
    this.needCreation = maxTtlMs > 0;
    this.apply = rules.length > 0 || defaultTtlMs > 0 || maxTtlMs > 0;
  }

  /** When an entry that is written now expires, where the client asked for `expiresAtMs`; 0 = never, both ways. */
  expiryOfWrite(
    expiresAtMs: number,
    nowMs: number,
    createdAtMs: number,
    key: Uint8Array,
    offset: number,
    length: number,
  ): number {
    if (expiresAtMs !== 0) return this.atMost(expiresAtMs, createdAtMs);
    const ttlMs = this.ttlOf(key, offset, length);
    return this.atMost(ttlMs === 0 ? 0 : nowMs + ttlMs, createdAtMs);
  }

  /** The expiry asked for, or the latest that the store allows to an entry of that age; 0 = never, both ways. */
  atMost(expiresAtMs: number, createdAtMs: number): number {
    const { maxTtlMs } = this;
    if (maxTtlMs === 0) return expiresAtMs;
    const latestMs = createdAtMs + maxTtlMs;
    return expiresAtMs === 0 || expiresAtMs > latestMs ? latestMs : expiresAtMs;
  }

  private ttlOf(key: Uint8Array, offset: number, length: number): number {
    const { prefixes } = this;
    for (let i = 0; i < prefixes.length; i++) {
      const prefix = prefixes[i];
      if (prefix.length <= length && equalBytes(key, offset, prefix, 0, prefix.length)) return this.prefixTtlsMs[i];
    }
    return this.defaultTtlMs;
  }
}
