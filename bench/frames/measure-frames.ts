/**
 * A program of its own: operations per second of a storage node that gets frames of so many operations, with look-ahead
 * and without. Arguments: keys, operations per frame, rounds. Sends a {@link FrameRates} to its parent.
 */
import { ByteWriter } from '#libs/kernel';
import { encodeCommand } from '#libs/resp';
import { appendOperation, beginOperationsFrame, finishOperationsFrame, type OperationFields } from '#libs/wire';
import {
  inOrder,
  KEY_BYTES,
  type KeyStream,
  makeStream,
  PARTITIONS,
  shuffled,
  VALUE_BYTES,
} from '../engine/workload.js';
import { median } from '../lib/statistics.js';
import { FRAME_PHASES, type FramePhase, type FrameRates, LOOK_AHEADS } from './measurement.js';
import { OneNode } from './one-node.js';

const DEADLINE_MS = 2_000;
const TABLE_VERSION = 1;
const VALUE = 'v'.repeat(VALUE_BYTES);

/** Sends the requests of a stream in frames to a node. */
class FrameSource {
  private readonly writer = new ByteWriter();
  private sequence = 0;

  constructor(
    private readonly node: OneNode,
    private readonly operationsPerFrame: number,
  ) {}

  /** Operations per second of processor time, of the node alone: making frames is not counted. */
  rate(stream: KeyStream, command: 'GET' | 'SET'): number {
    const { length } = stream.partitions;
    let busyUs = 0;
    for (let from = 0; from < length; from += this.operationsPerFrame) {
      const to = Math.min(from + this.operationsPerFrame, length);
      const frame = this.frame(stream, from, to, command);
      const before = process.threadCpuUsage();
      const answered = this.node.execute(frame);
      const { user, system } = process.threadCpuUsage(before);
      busyUs += user + system;
      if (answered !== to - from) throw new Error(`${to - from} operations, ${answered} replies`);
    }
    return (1e6 * length) / busyUs;
  }

  private frame({ keys, partitions }: KeyStream, from: number, to: number, command: 'GET' | 'SET'): Uint8Array {
    const { writer, node } = this;
    const commandId = node.table.byName(command)!.id;
    beginOperationsFrame(writer);
    for (let request = from; request < to; request++) {
      const key = keys.subarray(request * KEY_BYTES, (request + 1) * KEY_BYTES);
      const buffer = encodeCommand(command === 'GET' ? [command, key] : [command, key, VALUE]);
      const fields: OperationFields = {
        commandId,
        flags: 0,
        database: 0,
        storeId: 0,
        trace: undefined,
        buffer,
        offset: 0,
        length: buffer.length,
      };
      appendOperation(writer, fields, request, partitions[request], node.epoch, 0, DEADLINE_MS);
    }
    finishOperationsFrame(writer, 1, ++this.sequence, TABLE_VERSION, to - from);
    return writer.toBytes();
  }
}

function measure(count: number, operationsPerFrame: number, rounds: number): FrameRates {
  const known = makeStream('key:', inOrder(count));
  const mixed = makeStream('key:', shuffled(count));
  const absent = makeStream('abs:', shuffled(count));
  const runs = LOOK_AHEADS.map((operations) => {
    const source = new FrameSource(new OneNode(PARTITIONS, operations), operationsPerFrame);
    source.rate(known, 'SET');
    return { source, rates: new Map<FramePhase, number[]>(FRAME_PHASES.map((phase) => [phase, []])) };
  });
  for (let round = 0; round < rounds; round++) {
    for (const { source, rates } of runs) {
      rates.get('get, hit')!.push(source.rate(mixed, 'GET'));
      rates.get('get, miss')!.push(source.rate(absent, 'GET'));
      rates.get('set, overwrite')!.push(source.rate(mixed, 'SET'));
    }
  }
  return runs.map(({ rates }) => FRAME_PHASES.map((phase) => median(rates.get(phase)!)));
}

const [count, operationsPerFrame, rounds] = process.argv.slice(2).map(Number);
process.send?.(measure(count, operationsPerFrame, rounds));
process.disconnect();
