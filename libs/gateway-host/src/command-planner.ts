import { type CommandTable, keyIndexes, type StorageCommand } from '#libs/commands';
import { NO_NODE, type RoutingTable } from '#libs/cluster';
import { assert, BOUNDS, ByteWriter, errorText, type ErrorCode, latin1Bytes } from '#libs/kernel';
import type { Rng } from '#libs/ports';
import { parseInteger, RequestScanner, type RespVersion } from '#libs/resp';
import { OPERATION_FLAGS, OperationsReader } from '#libs/wire';
import { Gather } from './gather.js';
import type { OperationRouter, RejectedPlan } from './operation-router.js';
import type { ReplySink } from './reply-sink.js';
import { ScanWalk } from './scan-walk.js';

const CURSOR_PREFIX_SPAN = 2 ** 39;
const CRLF = latin1Bytes('\r\n');
const KEY_TOO_LONG = `ERR key exceeds ${BOUNDS.maxKeyBytes} bytes`;

/** A request whose keys and routing are to be worked out: the fields of `router.fields` have been set. */
export interface PlannedRequest {
  readonly command: StorageCommand;
  readonly scanner: RequestScanner;
  readonly sink: ReplySink;
  readonly position: number;
  readonly version: RespVersion;
  readonly startedMs: number;
}

/**
 * Decides which nodes a command of several keys, or of none, goes to: as one operation where one node can do it all, else
 * as one per node, whose replies a {@link Gather} puts together.
 */
export class CommandPlanner {
  private keys = new Int32Array(64);
  private partitions = new Uint16Array(64);
  private readonly writer = new ByteWriter();
  private readonly rejectedScanner: RequestScanner;

  constructor(
    private readonly router: OperationRouter,
    private readonly table: CommandTable,
    private readonly rng: Rng,
    /** One process holds everything: operations over several partitions are atomic. */
    private readonly isStandalone: boolean,
    limits: { readonly maxBulkBytes: number; readonly maxArguments: number },
  ) {
    this.rejectedScanner = new RequestScanner(limits);
  }

  plan(request: PlannedRequest, routing: RoutingTable): void {
    switch (request.command.route) {
      case 'all':
        return this.planAll(request, routing);
      case 'cursor':
        return this.planCursor(request, routing);
      default:
        return this.planKeys(request, routing);
    }
  }

  /** One partition's share each, in the place of the whole, for an operation that was sent back. */
  replan(rejected: RejectedPlan): void {
    const reader = new OperationsReader();
    reader.openRecord(rejected.record, 0);
    const command = this.table.byId(rejected.commandId);
    assert(command !== undefined && command.route !== 'gateway', 'a rejected operation has a storage command');
    this.restoreFields(reader);
    if (command.route === 'all') return this.replanAll(rejected, command, reader);
    const scanner = this.rejectedScanner;
    scanner.scan(reader.buffer, reader.commandOffset, reader.commandOffset + reader.commandLength);
    this.replanKeys(rejected, command, scanner, reader.flags & OPERATION_FLAGS.resp3 ? 3 : 2);
  }

  private planKeys(request: PlannedRequest, routing: RoutingTable): void {
    const { command, scanner, sink, position, startedMs } = request;
    const count = this.findKeys(command, scanner, routing);
    for (let i = 0; i < count; i++) {
      if (scanner.lengths[this.keys[i]] > BOUNDS.maxKeyBytes) return answerText(request, KEY_TOO_LONG);
    }
    const distinct = distinctOf(this.partitions, count);
    if (distinct.length === 1) return this.router.send(sink, position, distinct[0], startedMs);
    if (command.route === 'key' && !this.isStandalone) return answerError(request, 'CROSS_SLOT');
    const isOneNode = distinct.every((partition) => routing.servingOf[partition] === routing.servingOf[distinct[0]]);
    const isFree = !distinct.some((partition) => this.router.isHeld(partition));
    if (isOneNode && isFree) return this.router.sendMulti(sink, position, distinct, startedMs);
    if (command.route === 'key') return answerError(request, 'TRY_AGAIN');
    this.split(request, routing, count);
  }

  /** Sends each node the arguments of its own keys; a held partition's go alone, so that they can wait alone. */
  private split(request: PlannedRequest, routing: RoutingTable, count: number): void {
    const { command, scanner, sink, position, version, startedMs } = request;
    const groups = new Map<number, number[]>();
    for (let i = 0; i < count; i++) {
      const partition = this.partitions[i];
      const group = this.router.isHeld(partition) ? -2 - partition : routing.servingOf[partition];
      if (group === NO_NODE) return answerError(request, 'CLUSTER_DOWN');
      const elements = groups.get(group);
      if (elements === undefined) groups.set(group, [i]);
      else elements.push(i);
    }
    if (!this.router.room(groups.size)) return answerError(request, 'BUSY');
    const gather = new Gather(command.merge ?? 'ok', version, sink, position, count, this.rng.nextU32());
    for (const elements of groups.values()) {
      const partitions = distinctOf(this.partitions, elements.length, elements);
      this.encodeShare(command, scanner, elements);
      this.router.sendMulti(gather, gather.addPart(elements), partitions, startedMs);
    }
    gather.seal();
  }

  private planAll(request: PlannedRequest, routing: RoutingTable): void {
    const { command, sink, position, version, startedMs } = request;
    const groups: ArrayLike<number>[] = [];
    if (routing.servingOf.includes(NO_NODE)) return answerError(request, 'CLUSTER_DOWN');
    for (let node = 0; node < routing.nodes.length; node++) {
      const partitions = routing.partitionsOf(node);
      if (partitions.length === 0) continue;
      const free = partitions.filter((partition) => !this.router.isHeld(partition));
      if (free.length > 0) groups.push(free);
      for (const partition of partitions) if (this.router.isHeld(partition)) groups.push([partition]);
    }
    if (!this.router.room(groups.length)) return answerError(request, 'BUSY');
    if (groups.length === 1 && command.merge !== 'nodes')
      return this.router.sendMulti(sink, position, groups[0], startedMs);
    const gather = new Gather(command.merge ?? 'ok', version, sink, position, 0, this.rng.nextU32());
    for (const partitions of groups) this.router.sendMulti(gather, gather.addPart(), partitions, startedMs);
    gather.seal();
  }

  private planCursor(request: PlannedRequest, routing: RoutingTable): void {
    const { scanner, sink, position, startedMs } = request;
    const cursor = parseInteger(scanner.buffer, scanner.offsets[1], scanner.lengths[1]) ?? 0;
    const partition = Math.floor(cursor / CURSOR_PREFIX_SPAN);
    const target = partition >= 0 && partition < routing.partitionCount ? partition : 0;
    const walk = new ScanWalk(this.router, scanner, sink, position, startedMs);
    this.router.send(walk, 0, target, startedMs);
  }

  private replanAll(rejected: RejectedPlan, command: StorageCommand, reader: OperationsReader): void {
    const gather = this.gatherFor(rejected, command, reader.flags & OPERATION_FLAGS.resp3 ? 3 : 2, 0);
    const partitions = [reader.partition];
    for (let i = 0; i < reader.routeCount; i++) partitions.push(reader.routePartition(i));
    for (const partition of partitions)
      this.router.holdShare(rejected, gather.gather, gather.gather.addPart(), partition);
    gather.finish();
  }

  private replanKeys(
    rejected: RejectedPlan,
    command: StorageCommand,
    scanner: RequestScanner,
    version: RespVersion,
  ): void {
    const routing = this.router.routing;
    assert(routing !== undefined, 'an operation was sent without a table');
    const count = this.findKeys(command, scanner, routing);
    if (command.route === 'key') return this.answer(rejected, 'TRY_AGAIN');
    const { gather, finish, elementsBefore } = this.gatherFor(rejected, command, version, count);
    for (const partition of distinctOf(this.partitions, count)) {
      const elements: number[] = [];
      for (let i = 0; i < count; i++) if (this.partitions[i] === partition) elements.push(i);
      this.encodeShare(command, scanner, elements);
      const positions = elementsBefore === undefined ? elements : elements.map((element) => elementsBefore[element]);
      this.router.holdShare(rejected, gather, gather.addPart(positions), partition);
    }
    finish();
  }

  /** The gather that the rejected operation was a part of, or a new one in its place. */
  private gatherFor(
    rejected: RejectedPlan,
    command: StorageCommand,
    version: RespVersion,
    elementCount: number,
  ): { gather: Gather; finish: () => void; elementsBefore: readonly number[] | undefined } {
    const { sink, position } = rejected;
    if (sink instanceof Gather) {
      return { gather: sink, finish: () => sink.dropPart(position), elementsBefore: sink.elementsOf(position) };
    }
    const gather = new Gather(command.merge ?? 'ok', version, sink, position, elementCount, this.rng.nextU32());
    return { gather, finish: () => gather.seal(), elementsBefore: undefined };
  }

  /** Fills `keys` and `partitions`; answers how many keys there are. */
  private findKeys(command: StorageCommand, scanner: RequestScanner, routing: RoutingTable): number {
    let count = keyIndexes(command, scanner, this.keys);
    if (count > this.keys.length) {
      this.keys = new Int32Array(count);
      this.partitions = new Uint16Array(count);
      count = keyIndexes(command, scanner, this.keys);
    }
    for (let i = 0; i < count; i++) {
      const key = this.keys[i];
      this.partitions[i] = routing.partitionOf(scanner.buffer, scanner.offsets[key], scanner.lengths[key]);
    }
    return count;
  }

  /** Encodes the command with some of its keys (and what follows each up to the next key) into `router.fields`. */
  private encodeShare(command: StorageCommand, scanner: RequestScanner, elements: readonly number[]): void {
    const { writer } = this;
    const step = command.keys.step;
    writer.reset();
    writer.bytes(latin1Bytes(`*${1 + elements.length * step}\r\n`));
    appendArgument(writer, scanner, 0);
    for (const element of elements) {
      for (let i = 0; i < step; i++) appendArgument(writer, scanner, this.keys[element] + i);
    }
    const { fields } = this.router;
    fields.buffer = writer.buffer;
    fields.offset = 0;
    fields.length = writer.length;
  }

  private restoreFields(reader: OperationsReader): void {
    const { fields } = this.router;
    fields.commandId = reader.commandId;
    fields.flags = reader.flags & OPERATION_FLAGS.resp3;
    fields.database = reader.database;
    fields.storeId = reader.storeId;
    fields.trace = undefined;
    fields.buffer = reader.buffer;
    fields.offset = reader.commandOffset;
    fields.length = reader.commandLength;
  }

  private answer({ sink, position }: RejectedPlan, code: ErrorCode): void {
    const line = latin1Bytes(`-${errorText(code)}\r\n`);
    sink.onReply(position, line, 0, line.length);
  }
}

function appendArgument(writer: ByteWriter, scanner: RequestScanner, index: number): void {
  const length = scanner.lengths[index];
  writer.bytes(latin1Bytes(`$${length}\r\n`));
  writer.bytes(scanner.buffer, scanner.offsets[index], length);
  writer.bytes(CRLF);
}

function answerError(request: PlannedRequest, code: ErrorCode): void {
  answerText(request, errorText(code));
}

function answerText({ sink, position }: PlannedRequest, text: string): void {
  const line = latin1Bytes(`-${text}\r\n`);
  sink.onReply(position, line, 0, line.length);
}

/** The distinct partitions among the first `count`, or among the elements given, in their order. */
function distinctOf(partitions: Uint16Array, count: number, elements?: readonly number[]): number[] {
  const seen = new Set<number>();
  for (let i = 0; i < count; i++) seen.add(partitions[elements === undefined ? i : elements[i]]);
  return [...seen];
}
