/**
 * The production engine as the cache of a trace. Entries hold nothing but the size of their object, which counts in its
 * place: the sum of the sizes, kept here, never exceeds the cache's. One partition, so that a policy is exact.
 */
import { ABSENT, encodeEntryBody, EntryView, type PolicyName, StoreEngine, VALUE_TYPE } from '#libs/engine';
import { ByteWriter } from '#libs/kernel';
import type { TraceCache } from './replay.js';

const HASH_SEED = 20_260_101;
/** Room for every entry of a trace: what is evicted is decided by the sizes alone. */
const LIMIT_BYTES = 8 * 2 ** 30;
const KEY_BYTES = 4;
const VALUE_BYTES = 4;
/** A policy may answer a few times that it has looked at much and found nothing; then there is nothing. */
const MAX_EMPTY_ANSWERS = 8;
/** Policies that evict by expiry need one; none passes within a trace. */
const TTL_MS = 365 * 86_400_000;
const WITH_EXPIRY: readonly string[] = ['ttl-only'];

export class EngineCache implements TraceCache {
  private readonly engine: StoreEngine;
  private readonly ttlMs: number;
  private readonly key = Buffer.alloc(KEY_BYTES);
  private readonly value = Buffer.alloc(VALUE_BYTES);
  private readonly writer = new ByteWriter();
  private readonly view = new EntryView();
  private cachedBytes = 0;

  constructor(
    policy: PolicyName,
    private readonly cacheBytes: number,
  ) {
    this.ttlMs = WITH_EXPIRY.includes(policy) ? TTL_MS : 0;
    this.engine = new StoreEngine({
      partitionCount: 1,
      hashSeed: HASH_SEED,
      limitBytes: LIMIT_BYTES,
      policy: { name: policy, costOf: this.costOf, capacity: cacheBytes },
    });
  }

  request(object: number, sizeBytes: number, nowMs: number): boolean {
    const { engine, key } = this;
    key.writeUInt32LE(object);
    const ref = engine.find(0, 0, key, 0, KEY_BYTES);
    if (ref !== ABSENT) {
      engine.touch(0, ref, nowMs);
      return true;
    }
    if (sizeBytes <= this.cacheBytes && this.makeRoom(sizeBytes, nowMs)) this.admit(sizeBytes, nowMs);
    return false;
  }

  private makeRoom(sizeBytes: number, nowMs: number): boolean {
    for (let empty = 0; this.cachedBytes + sizeBytes > this.cacheBytes;) {
      if (this.engine.evict(1, nowMs, this.remove) === 0 && ++empty === MAX_EMPTY_ANSWERS) return false;
    }
    return true;
  }

  private admit(sizeBytes: number, nowMs: number): void {
    const { writer, key, value } = this;
    value.writeUInt32LE(sizeBytes);
    writer.length = 0;
    const expiresAtMs = this.ttlMs === 0 ? 0 : nowMs + this.ttlMs;
    const length = encodeEntryBody(writer, 0, VALUE_TYPE.STRING, expiresAtMs, key, 0, KEY_BYTES, value, 0, VALUE_BYTES);
    if (!this.engine.applySet(0, 0, writer.buffer, 0, length)) throw new Error('the engine has no room');
    this.cachedBytes += sizeBytes;
  }

  private readonly remove = (partition: number, ref: number): void => {
    this.cachedBytes -= this.costOf(ref);
    this.engine.applyRemove(partition, ref);
  };

  private readonly costOf = (ref: number): number => {
    const { view } = this;
    this.engine.read(ref, view);
    const { buffer, valueOffset: at } = view;
    return (buffer[at] | (buffer[at + 1] << 8) | (buffer[at + 2] << 16) | (buffer[at + 3] << 24)) >>> 0;
  };
}
