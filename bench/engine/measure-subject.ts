/**
 * A program of its own, which the suite starts for each subject and round: one subject's garbage and compiled code must
 * not weigh on the other. Arguments: the subject and the number of keys; it sends a {@link Measurement} to its parent.
 */
import type { Measurement, PhaseName, SubjectName } from './measurement.js';
import { EngineSubject, MapSubject, type Subject } from './subjects.js';
import { inOrder, KEY_BYTES, type KeyStream, makeStream, shuffled, VALUE_BYTES } from './workload.js';

/** Requests of a batch. */
const BATCH = 64;
const FIRST_VALUE_BYTE = 7;

function fail(what: string): never {
  throw new Error(`the subject ${what}`);
}

function memory(): { readonly javascript: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { javascript: heapUsed + external, resident: rss };
}

/** Operations per second over all requests of a stream. */
function timed(stream: KeyStream, operation: (stream: KeyStream, request: number) => void): number {
  const { length } = stream.partitions;
  const startedAtMs = performance.now();
  for (let request = 0; request < length; request++) operation(stream, request);
  return (1000 * length) / (performance.now() - startedAtMs);
}

/** The same where the subject hears of {@link BATCH} requests before it is asked for the first of them. */
function timedInBatches(
  stream: KeyStream,
  subject: Subject,
  operation: (stream: KeyStream, request: number) => void,
): number {
  const { length } = stream.partitions;
  const startedAtMs = performance.now();
  for (let from = 0; from < length; from += BATCH) {
    const to = Math.min(from + BATCH, length);
    subject.announce(stream, from, to);
    for (let request = from; request < to; request++) operation(stream, request);
  }
  return (1000 * length) / (performance.now() - startedAtMs);
}

function measure(subjectName: SubjectName, count: number): Measurement {
  const known = makeStream('key:', inOrder(count));
  const mixed = makeStream('key:', shuffled(count));
  const absent = makeStream('abs:', shuffled(count));
  const value = Buffer.alloc(VALUE_BYTES, FIRST_VALUE_BYTE);
  const before = memory();
  const subject: Subject = subjectName === 'engine' ? new EngineSubject() : new MapSubject();
  const set = (stream: KeyStream, request: number): void => {
    value.writeUInt32LE(request, VALUE_BYTES - 4);
    if (!subject.set(stream, request, value)) fail('has no room');
  };
  const hit = (stream: KeyStream, request: number): void => {
    if (subject.get(stream, request) !== FIRST_VALUE_BYTE) fail('lost a key');
  };
  const miss = (stream: KeyStream, request: number): void => {
    if (subject.get(stream, request) !== -1) fail('found what was never stored');
  };
  const insert = timed(known, set);
  const after = memory();
  const { usedBytes, reservedBytes } = subject.ownBytes();
  const opsPerSecond: Record<PhaseName, number> = {
    insert,
    overwrite: timed(mixed, set),
    hit: timed(mixed, hit),
    miss: timed(absent, miss),
    'overwrite in batches': timedInBatches(mixed, subject, set),
    'hit in batches': timedInBatches(mixed, subject, hit),
    'miss in batches': timedInBatches(absent, subject, miss),
    'insert in batches': timedInBatches(absent, subject, set),
  };
  const perKey = (bytes: number): number => bytes / count - KEY_BYTES - VALUE_BYTES;
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
