/** Nodes whose disks and network take no time, for specs that go step by step. */
import { utf8Bytes, utf8Text } from '#libs/kernel';
import {
  configurationOf,
  ENTRY_TYPES,
  MemoryLogStorage,
  RaftNode,
  type Entry,
  type Message,
  type RaftOptions,
} from '../index.js';

export const ELECTION_TICKS = 10;
export const HEARTBEAT_TICKS = 2;

export class DirectGroup {
  readonly nodes = new Map<number, RaftNode>();
  readonly storages = new Map<number, MemoryLogStorage>();
  /** Commands that each node applied. */
  readonly applied = new Map<number, string[]>();
  readonly reads: { id: number; context: number; index: number }[] = [];
  readonly aborted: number[] = [];
  /** Everything that was sent, delivered or not. */
  readonly sent: Message[] = [];
  /** Messages that it refuses are lost. */
  allow: (message: Message) => boolean = () => true;
  private readonly network: Message[] = [];

  constructor(
    readonly ids: readonly number[],
    private readonly options: Partial<RaftOptions> = {},
    founders: readonly number[] = ids,
  ) {
    for (const id of ids) {
      this.storages.set(id, new MemoryLogStorage(founders.includes(id) ? configurationOf(founders) : undefined));
      this.start(id);
    }
  }

  start(id: number): void {
    const storage = this.storages.get(id)!;
    // Nobody is impatient by itself within two election timeouts.
    const rng = { nextU32: () => ELECTION_TICKS - 1 };
    const ticks = { electionTicks: ELECTION_TICKS, heartbeatTicks: HEARTBEAT_TICKS };
    this.nodes.set(id, new RaftNode({ id, storage, rng, ...ticks, ...this.options }));
    const { data } = storage.snapshot;
    this.applied.set(id, data.length === 0 ? [] : utf8Text(data).split(','));
  }

  node(id: number): RaftNode {
    return this.nodes.get(id)!;
  }

  status(id: number): RaftNode['status'] {
    return this.node(id).status;
  }

  /** Lets the others forget their leader, and this one campaign. */
  elect(id: number): void {
    for (const other of this.ids) if (other !== id) this.quietTicks(other, ELECTION_TICKS);
    this.node(id).campaign();
    this.settle();
  }

  propose(id: number, command: string): void {
    const proposal = this.node(id).propose(utf8Bytes(command), 1);
    if (!proposal.ok) throw new Error(`${id} refuses ${command}: ${proposal.reason}`);
    this.settle();
  }

  tick(id: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.node(id).tick();
      this.settle();
    }
  }

  /** Cuts these nodes off, each from all others; those before are joined again. */
  isolate(...ids: readonly number[]): void {
    this.allow = ({ from, to }) => !ids.includes(from) && !ids.includes(to);
  }

  join(): void {
    this.allow = () => true;
  }

  /** A node takes a snapshot of what it applied and forgets its log. */
  compact(id: number): void {
    const storage = this.storages.get(id)!;
    const snapshot = this.node(id).snapshotOf(utf8Bytes(this.applied.get(id)!.join(',')))!;
    storage.save(snapshot);
    storage.compact(snapshot.index);
  }

  deliver(message: Message): void {
    this.node(message.to).step(message);
    this.settle();
  }

  /** Until nothing is left to do. */
  settle(): void {
    for (;;) {
      for (const id of this.nodes.keys()) while (this.node(id).hasReady()) this.work(id);
      const message = this.network.shift();
      if (message === undefined) return;
      this.nodes.get(message.to)?.step(message);
    }
  }

  private quietTicks(id: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.node(id).tick();
      if (this.status(id).role === 'leader') this.settle();
    }
  }

  private work(id: number): void {
    const node = this.node(id);
    const storage = this.storages.get(id)!;
    const ready = node.ready();
    if (ready.hardState !== undefined) storage.hardState = ready.hardState;
    if (ready.snapshot !== undefined) {
      storage.install(ready.snapshot);
      this.applied.set(id, utf8Text(ready.snapshot.data).split(','));
    }
    storage.append(ready.entries);
    for (const message of ready.messages) {
      this.sent.push(message);
      if (this.allow(message)) this.network.push(message);
    }
    for (const entry of ready.committed) this.apply(id, entry);
    for (const { context, index } of ready.readStates) this.reads.push({ id, context, index });
    this.aborted.push(...ready.abortedReads);
    node.advance();
  }

  private apply(id: number, { type, data }: Entry): void {
    if (type === ENTRY_TYPES.COMMAND) this.applied.get(id)!.push(utf8Text(data));
  }
}
