import { type CommandTable, keyIndexes, type Request } from '#libs/commands';
import { latin1Text } from '#libs/kernel';
import { RequestScanner } from '#libs/resp';
import { OperationsReader } from '#libs/wire';
import type { GatewayLink } from './gateway-link.js';

/** An operation that has not been answered: its record, whose link it came on, and when its gateway gives it up. */
export interface WaitingOperation {
  readonly record: Uint8Array;
  readonly link: GatewayLink;
  readonly incarnation: number;
  readonly partition: number;
  readonly deadlineMs: number;
}

const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const MAX_KEYS = 64;

/**
 * Operations whose execution waits: for the disk, a commit or another client's push. Those that come later for the same
 * key queue behind them, so that a key's operations keep their order; other keys go on. A queue is woken as a whole.
 *
 * While nothing waits, this costs one comparison per operation.
 */
export class WaitingOperations {
  private readonly queues = new Map<string, WaitingOperation[]>();
  private readonly keys = new Int32Array(MAX_KEYS);
  private readonly reader = new OperationsReader();
  private bytes = 0;

  constructor(
    private readonly table: CommandTable,
    private readonly scanner: RequestScanner,
  ) {}

  get size(): number {
    return this.queues.size;
  }

  /** The name under which an operation queues: the first of its keys that others wait for, or undefined. */
  blockedBy(reader: OperationsReader): string | undefined {
    return this.namesOf(reader).find((name) => this.queues.has(name));
  }

  /** The name of the operation's first key; operations without keys never wait. */
  firstName(reader: OperationsReader): string | undefined {
    return this.namesOf(reader)[0];
  }

  /** False where too much waits already. */
  add(name: string, reader: OperationsReader, link: GatewayLink, nowMs: number): boolean {
    const { buffer, recordOffset, recordLength, partition } = reader;
    if (this.bytes + recordLength > MAX_WAITING_BYTES) return false;
    this.bytes += recordLength;
    const operation: WaitingOperation = {
      record: buffer.slice(recordOffset, recordOffset + recordLength),
      link,
      incarnation: link.incarnation,
      partition,
      deadlineMs: nowMs + reader.deadlineMs,
    };
    const queue = this.queues.get(name);
    if (queue === undefined) this.queues.set(name, [operation]);
    else queue.push(operation);
    return true;
  }

  /** Takes all that waits for a key, in order. */
  take(name: string): readonly WaitingOperation[] {
    const queue = this.queues.get(name) ?? [];
    this.queues.delete(name);
    for (const { record } of queue) this.bytes -= record.length;
    return queue;
  }

  /** Takes what waits in partitions that this node no longer serves. */
  takeWhere(isLost: (partition: number) => boolean): readonly WaitingOperation[] {
    const taken: WaitingOperation[] = [];
    for (const [name, [first]] of this.queues) if (isLost(first.partition)) taken.push(...this.take(name));
    return taken;
  }

  /** Drops what its gateway has given up by now. */
  expire(nowMs: number): void {
    for (const [name, queue] of this.queues) {
      if (queue.every((operation) => operation.deadlineMs > nowMs)) continue;
      const live = queue.filter((operation) => operation.deadlineMs > nowMs);
      this.take(name);
      if (live.length === 0) continue;
      this.queues.set(name, live);
      for (const { record } of live) this.bytes += record.length;
    }
  }

  /** The name of one key, for whoever wakes those that wait for it. */
  static nameOf(storeId: number, database: number, key: Uint8Array, offset: number, length: number): string {
    return `${storeId}/${database}/${latin1Text(key, offset, length)}`;
  }

  private namesOf(operation: OperationsReader): readonly string[] {
    const { buffer, commandOffset, commandLength, storeId, database } = operation;
    const command = this.table.byId(operation.commandId);
    const taken = this.scanner.scan(buffer, commandOffset, commandOffset + commandLength);
    if (command === undefined || taken !== commandLength) return [];
    const request: Request = this.scanner;
    const count = Math.min(keyIndexes(command, request, this.keys), MAX_KEYS);
    return Array.from(this.keys.subarray(0, count), (index) =>
      WaitingOperations.nameOf(storeId, database, request.buffer, request.offsets[index], request.lengths[index]),
    );
  }

  /** Opens a waiting operation's record. */
  open(operation: WaitingOperation): OperationsReader {
    this.reader.openRecord(operation.record, 0);
    return this.reader;
  }
}
