/**
 * A program of its own, which the suite starts for each subject and round: one subject's garbage and compiled code must
 * not weigh on the other. Arguments: the subject and the number of keys; it sends a {@link Measurement} to its parent.
 */
import type { Measurement, PhaseName, SubjectName } from './measurement.js';
import { EngineSubject, MapSubject, type Subject } from './subjects.js';
import { KEY_BYTES, makeKeys, shuffledOrder, VALUE_BYTES } from './workload.js';

const FIRST_VALUE_BYTE = 7;

function fail(what: string): never {
  throw new Error(`the subject ${what}`);
}

function memory(): { readonly javascript: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { javascript: heapUsed + external, resident: rss };
}

/** Operations per second of `operation` over all indexes in the order given. */
function timed(order: Uint32Array, operation: (index: number) => void): number {
  const startedAtMs = performance.now();
  for (let i = 0; i < order.length; i++) operation(order[i]);
  return (1000 * order.length) / (performance.now() - startedAtMs);
}

function measure(subjectName: SubjectName, count: number): Measurement {
  const keys = makeKeys('key:', count);
  const absentKeys = makeKeys('abs:', count);
  const inOrder = Uint32Array.from({ length: count }, (_, i) => i);
  const shuffled = shuffledOrder(count);
  const value = Buffer.alloc(VALUE_BYTES, FIRST_VALUE_BYTE);
  const before = memory();
  const subject: Subject = subjectName === 'engine' ? new EngineSubject(keys, count) : new MapSubject();
  const set = (index: number): void => {
    value.writeUInt32LE(index, VALUE_BYTES - 4);
    if (!subject.set(index, keys, index * KEY_BYTES, value)) fail('has no room');
  };
  const hit = (index: number): void => {
    if (subject.get(index, keys, index * KEY_BYTES) !== FIRST_VALUE_BYTE) fail('lost a key');
  };
  const miss = (index: number): void => {
    if (subject.get(index, absentKeys, index * KEY_BYTES) !== -1) fail('found what was never stored');
  };
  const insert = timed(inOrder, set);
  const after = memory();
  const rates = { overwrite: timed(shuffled, set), hit: timed(shuffled, hit), miss: timed(shuffled, miss) };
  const opsPerSecond: Record<PhaseName, number> = { insert, ...rates };
  const perKey = (bytes: number): number => bytes / count - KEY_BYTES - VALUE_BYTES;
  const { usedBytes, reservedBytes } = subject.ownBytes();
  return {
    subject: subjectName,
    opsPerSecond,
    overheadBytes: {
      ...(usedBytes !== undefined && { used: perKey(usedBytes) }),
      ...(reservedBytes !== undefined && { reserved: perKey(reservedBytes) }),
      javascript: perKey(after.javascript - before.javascript),
      resident: perKey(after.resident - before.resident),
    },
  };
}

const [subjectName, count] = process.argv.slice(2);
process.send?.(measure(subjectName === 'engine' ? 'engine' : 'map', Number(count)));
process.disconnect();
