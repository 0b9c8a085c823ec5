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
  readonly names: readonly string[];
}

/** Operations that wait for one another, in their order, and the names of all their keys. */
interface Queue {
  operations: WaitingOperation[];
  readonly names: Set<string>;
}

/** What waits together; a single operation may be larger. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Operations whose execution waits: for memory, the disk, a commit or another client's push. Those that come later for
 * any of their keys queue behind them, so that a key's operations keep their order; other keys go on, and so do
 * operations without keys. A queue is woken as a whole, by the name of any of its keys; what still has to wait queues again.
 *
 * Invariant: a name leads to one queue, which holds every waiting operation of that key. An operation that shares keys with
 * several queues makes them one.
 *
 * While nothing waits, this costs one comparison per operation.
 */
export class WaitingOperations {
  /** By the name of each key. */
  private readonly queues = new Map<string, Queue>();
  private keys = new Int32Array(64);
  private readonly reader = new OperationsReader();
  private bytes = 0;

  constructor(
    private readonly table: CommandTable,
    private readonly scanner: RequestScanner,
    private readonly maxBytes = MAX_WAITING_BYTES,
  ) {}

  get isEmpty(): boolean {
    return this.queues.size === 0;
  }

  /** Whether others wait for one of the operation's keys. */
  isBlocked(reader: OperationsReader): boolean {
    return this.namesOf(reader).some((name) => this.queues.has(name));
  }

  /** Whether anything waits for a key. */
  has(name: string): boolean {
    return this.queues.has(name);
  }

  /**
   * Lets an operation wait until `deadlineMs`, and answers the name to wake it by: that of its first key. Undefined where
   * too much waits already, or it has no keys.
   */
  add(reader: OperationsReader, link: GatewayLink, deadlineMs: number): string | undefined {
    const { buffer, recordOffset, recordLength, partition } = reader;
    if (this.bytes > 0 && this.bytes + recordLength > this.maxBytes) return undefined;
    const names = this.namesOf(reader);
    if (names.length === 0) return undefined;
    const record = buffer.slice(recordOffset, recordOffset + recordLength);
    this.append({ record, link, incarnation: link.incarnation, partition, deadlineMs, names });
    return names[0];
  }

  /** Takes all that waits for a key, and what waits behind that, in order. */
  take(name: string): readonly WaitingOperation[] {
    const queue = this.queues.get(name);
    if (queue === undefined) return [];
    for (const each of queue.names) this.queues.delete(each);
    for (const { record } of queue.operations) this.bytes -= record.length;
    return queue.operations;
  }

  /** Takes what waits in partitions that this node no longer serves, and what waits with it. */
  takeWhere(isLost: (partition: number) => boolean): readonly WaitingOperation[] {
    return this.all()
      .filter(({ operations }) => operations.some(({ partition }) => isLost(partition)))
      .flatMap(({ operations }) => this.take(operations[0].names[0]));
  }

  /** Drops what its gateway has given up by now. */
  expire(nowMs: number): void {
    for (const { operations } of this.all()) {
      if (operations.every(({ deadlineMs }) => deadlineMs > nowMs)) continue;
      for (const operation of this.take(operations[0].names[0])) {
        if (operation.deadlineMs > nowMs) this.append(operation);
      }
    }
  }

  /** The name of one key, for whoever wakes those that wait for it. */
  static nameOf(storeId: number, database: number, key: Uint8Array, offset: number, length: number): string {
    return `${storeId}/${database}/${latin1Text(key, offset, length)}`;
  }

  /** Opens a waiting operation's record. */
  open(operation: WaitingOperation): OperationsReader {
    this.reader.openRecord(operation.record, 0);
    return this.reader;
  }

  private append(operation: WaitingOperation): void {
    const { names } = operation;
    const [queue = { operations: [], names: new Set<string>() }, ...others] = new Set(
      names.map((name) => this.queues.get(name)).filter((each) => each !== undefined),
    );
    for (const other of others) {
      queue.operations = queue.operations.concat(other.operations);
      for (const name of other.names) this.hold(name, queue);
    }
    queue.operations.push(operation);
    this.bytes += operation.record.length;
    for (const name of names) this.hold(name, queue);
  }

  private hold(name: string, queue: Queue): void {
    queue.names.add(name);
    this.queues.set(name, queue);
  }

  private all(): readonly Queue[] {
    return [...new Set(this.queues.values())];
  }

  private namesOf(operation: OperationsReader): readonly string[] {
    const { buffer, commandOffset, commandLength, storeId, database } = operation;
    const command = this.table.byId(operation.commandId);
    const taken = this.scanner.scan(buffer, commandOffset, commandOffset + commandLength);
    if (command === undefined || taken !== commandLength) return [];
    const request: Request = this.scanner;
    const count = keyIndexes(command, request, this.keys);
    if (count > this.keys.length) {
      this.keys = new Int32Array(count);
      keyIndexes(command, request, this.keys);
    }
    return Array.from(this.keys.subarray(0, count), (index) =>
      WaitingOperations.nameOf(storeId, database, request.buffer, request.offsets[index], request.lengths[index]),
    );
  }
}
