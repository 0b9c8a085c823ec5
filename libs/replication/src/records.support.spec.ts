/** Event records of any group for specs, and what frames hold. */
import { EventBatch, EventReader } from '#libs/events';
import { factorOf, groupOf, partitionOf } from './group.js';
import { RecordRuns } from './record-runs.js';
import { REPLICATE_KINDS } from './replicate-format.js';
import { ReplicateReader } from './replicate-reader.js';

export const PARTITIONS = 4;

/** A record by group, epoch and sequence; `follows` makes it an EpochStarted behind that position. */
export interface TestRecord {
  readonly group: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly follows?: readonly [number, number];
  readonly bytes?: number;
}

export function run(group: number, epoch: number, from: number, to = from): TestRecord[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ group, epoch, sequence: from + i }));
}

export function start(group: number, epoch: number, follows: readonly [number, number]): TestRecord {
  return { group, epoch, sequence: follows[1] + 1, follows };
}

export function encode(records: readonly TestRecord[]): Uint8Array {
  const batch = new EventBatch();
  for (const { group, epoch, sequence, follows, bytes = 1 } of records) {
    const [partition, factor] = [partitionOf(group), factorOf(group)];
    const epochs = new Uint32Array(PARTITIONS).fill(epoch);
    batch.origin = { epochs, groups: new Uint8Array(10).map((_, store) => store) };
    const key = new Uint8Array(bytes).fill(0x6b);
    if (follows === undefined) batch.entryRemoved(factor, partition, sequence, 'deleted', 0, key, 0, key.length);
    else batch.epochStarted(factor, partition, sequence, follows[0], follows[1]);
  }
  return batch.writer.toBytes();
}

export function turnOf(records: readonly TestRecord[], wallMs = 1_000, logical = 3): RecordRuns {
  const bytes = encode(records);
  const runs = new RecordRuns(PARTITIONS);
  runs.begin(bytes);
  runs.addBatch(0, bytes.length, wallMs, logical);
  return runs;
}

/** Each record as "group:epoch/sequence". */
export function positionsIn(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string[] {
  const reader = new EventReader();
  reader.open(bytes, offset, length);
  const found: string[] = [];
  while (reader.advance()) found.push(`${groupOf(reader.partition, reader.group)}:${reader.epoch}/${reader.sequence}`);
  return found;
}

const NAMES = Object.entries(REPLICATE_KINDS);

/** A frame as text: its kind, and the groups or records in it. */
export function textOf(frame: Uint8Array): string {
  const reader = new ReplicateReader(PARTITIONS);
  reader.open(frame);
  const words = [NAMES.find(([, kind]) => kind === reader.kind)?.[0] ?? '?', `#${reader.sequence}`];
  if (reader.kind === REPLICATE_KINDS.copyRecords) words.push(`group ${reader.group}`);
  if (reader.kind === REPLICATE_KINDS.records || reader.kind === REPLICATE_KINDS.copyRecords) {
    while (reader.nextBatch()) words.push(...positionsIn(frame, reader.recordsOffset, reader.recordsLength));
  } else {
    while (reader.nextGroup()) {
      words.push(`group ${reader.group} epoch ${reader.epoch} after ${reader.afterEpoch}/${reader.afterSequence}`);
    }
  }
  return words.join(' ');
}
