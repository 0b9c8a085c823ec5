/**
 * Fills a StoreEngine and reads its own account of memory; run as a process of its own, so that the heap holds nothing
 * else. Arguments: keys, keys at which the worst fill is looked for (up to twice as many), 1 for entries that expire.
 */
import { encodeEntryBody, StoreEngine, VALUE_TYPE } from '#libs/engine';
import { ByteWriter, partitionShift, slotOfKey } from '#libs/kernel';
import { DIGITS_AT, KEY_BYTES, keyOf, PAYLOAD_BYTES, VALUE_BYTES, writeDigits } from './load-template.js';
import type { AccountedAt, Accounting } from './measurement.js';

const PARTITIONS = 256;
const HASH_SEED = 20_260_101;
const LIMIT_BYTES = 16 * 2 ** 30;
const SAMPLE_EVERY = 1000;
/** Around the time at which the expiry's short form is in use; loading takes a millisecond per thousand keys. */
const NOW_MS = 1_800_000_000_000;
const TTL_MS = 86_400_000;

const collectGarbage = globalThis.gc;
if (collectGarbage === undefined) throw new Error('start this program with --expose-gc');

function usedHeap(): number {
  for (let i = 0; i < 3; i++) collectGarbage?.();
  return process.memoryUsage().heapUsed;
}

function account(keys: number, worstFrom: number, expiring: boolean): Accounting {
  const engine = new StoreEngine({ partitionCount: PARTITIONS, hashSeed: HASH_SEED, limitBytes: LIMIT_BYTES });
  const shift = partitionShift(PARTITIONS);
  const key = Buffer.from(keyOf(0), 'latin1');
  const value = Buffer.alloc(VALUE_BYTES, 'v');
  const writer = new ByteWriter();
  const accounted = (count: number): AccountedAt => {
    const { usedBytes, segmentBytes } = engine.stats();
    const perKey = (bytes: number): number => bytes / count - PAYLOAD_BYTES;
    return { keys: count, used: perKey(usedBytes), reserved: perKey(segmentBytes) };
  };
  let worst: AccountedAt = { keys: 0, used: -Infinity, reserved: -Infinity };
  let heapBefore = 0;
  for (let i = 0; i < keys; i++) {
    writeDigits(key, DIGITS_AT, i);
    const expiresAtMs = expiring ? NOW_MS + TTL_MS + Math.floor(i / 1000) : 0;
    writer.length = 0;
    const length = encodeEntryBody(writer, 0, VALUE_TYPE.STRING, expiresAtMs, key, 0, KEY_BYTES, value, 0, VALUE_BYTES);
    const partition = slotOfKey(key, 0, KEY_BYTES) >>> shift;
    if (!engine.applySet(partition, i & 0xffff, writer.buffer, 0, length)) throw new Error(`no room for key ${i}`);
    const count = i + 1;
    if (count === worstFrom) heapBefore = usedHeap();
    if (count < worstFrom || count > 2 * worstFrom || count % SAMPLE_EVERY !== 0) continue;
    const sample = accounted(count);
    if (sample.used > worst.used) worst = sample;
  }
  const heap = (usedHeap() - heapBefore) / (keys - worstFrom);
  return { expiring, worst, atEnd: accounted(keys), heap };
}

const [keys, worstFrom, expiring] = process.argv.slice(2).map(Number);
process.send?.(account(keys, worstFrom, expiring === 1));
process.disconnect();
