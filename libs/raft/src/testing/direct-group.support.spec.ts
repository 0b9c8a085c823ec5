/**
 * Nodes whose disks and network take no time, for specs that go step by step. A disk may be told to hang: then what it
 * was asked to write is done, or gets lost, when the spec says so. All that happens is written down.
 */
import { utf8Bytes, utf8Text } from '#libs/kernel';
import {
  configurationOf,
  ENTRY_TYPES,
  MemoryLogStorage,
  messageText,
  RaftNode,
  type Configuration,
  type Entry,
  type MemberChange,
  type Message,
  type RaftOptions,
  type RaftStatus,
  type Ready,
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
  /** What happened, a line each. */
  readonly transcript: string[] = [];
  /** Nodes whose disks do not answer. */
  readonly hanging = new Set<number>();
  private readonly underWay = new Map<number, Ready>();
  private readonly seen = new Map<number, RaftStatus>();
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

  /** Begins with what is on its disk, also where it runs already. */
  start(id: number): void {
    const storage = this.storages.get(id)!;
    if (this.nodes.has(id)) this.say(`${id} crashes and starts again`);
    this.underWay.delete(id);
    // Nobody is impatient by itself within two election timeouts.
    const rng = { nextU32: () => ELECTION_TICKS - 1 };
    const ticks = { electionTicks: ELECTION_TICKS, heartbeatTicks: HEARTBEAT_TICKS };
    this.nodes.set(id, new RaftNode({ id, storage, rng, ...ticks, ...this.options }));
    const { data } = storage.snapshot;
    this.applied.set(id, data.length === 0 ? [] : utf8Text(data).split(','));
    this.seen.set(id, this.status(id));
  }

  /** A line for the reader of the transcript. */
  say(text: string): void {
    this.transcript.push(`-- ${text}`);
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
    this.say(`${id} takes the proposal "${command}" as ${proposal.index}@${proposal.term}`);
    this.settle();
  }

  change(id: number, changes: readonly MemberChange[], alwaysJoint = false): void {
    const proposal = this.node(id).changeMembers(changes, alwaysJoint);
    const wish = changes.map(({ kind, id: member }) => `${kind} ${member}`).join(', ');
    if (!proposal.ok) throw new Error(`${id} refuses to ${wish}: ${proposal.reason}`);
    this.say(`${id} is asked to change the members: ${wish}`);
    this.settle();
  }

  /** These nodes have heard no leader for an election timeout; none of them campaigns yet. */
  forget(...ids: readonly number[]): void {
    for (const id of ids) for (let i = 0; i < ELECTION_TICKS; i++) this.node(id).tick();
  }

  /** Asks for votes, a second time where it was told of a later term. */
  campaign(id: number): void {
    for (let i = 0; i < 2 && this.status(id).role !== 'leader'; i++) {
      this.node(id).campaign();
      this.settle();
    }
  }

  /** The disk does what it was asked for; what follows from that goes on. */
  finishDisk(id: number): void {
    this.say(`${id}'s disk has done its work`);
    this.hanging.delete(id);
    const ready = this.underWay.get(id);
    this.underWay.delete(id);
    if (ready !== undefined) this.finish(id, ready);
    this.settle();
  }

  /** The process ends while its disk is at work, and starts again. */
  crashAtDisk(id: number, reached: 'nothing' | 'saved' | 'sent'): void {
    const ready = this.underWay.get(id)!;
    this.say(`${id} crashes ${CRASHES[reached]}`);
    this.hanging.delete(id);
    if (reached !== 'nothing') this.write(id, ready);
    if (reached === 'sent') this.send(ready.messages);
    this.start(id);
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
    this.say(`${ids.join(' and ')} cut off from all`);
    this.allow = ({ from, to }) => !ids.includes(from) && !ids.includes(to);
  }

  join(): void {
    this.say('all links work');
    this.allow = () => true;
  }

  /** A node takes a snapshot of what it applied and forgets its log. */
  compact(id: number): void {
    const storage = this.storages.get(id)!;
    const snapshot = this.node(id).snapshotOf(utf8Bytes(this.applied.get(id)!.join(',')))!;
    this.say(`${id} takes a snapshot up to ${snapshot.index} and forgets its log`);
    storage.save(snapshot);
    storage.compact(snapshot.index);
  }

  deliver(message: Message): void {
    this.transcript.push(`${message.from} -> ${message.to}  ${messageText(message)}  [delivered by hand]`);
    this.node(message.to).step(message);
    this.settle();
  }

  /** Until nothing is left to do. */
  settle(): void {
    for (;;) {
      for (const id of this.nodes.keys()) {
        this.observe(id);
        this.drive(id);
      }
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

  private drive(id: number): void {
    const node = this.node(id);
    for (;;) {
      this.send(node.takeMessages());
      for (const entry of node.takeCommitted()) this.apply(id, entry);
      if (!node.hasReady()) return;
      this.work(id);
    }
  }

  private work(id: number): void {
    const ready = this.node(id).ready();
    if (ready.mustSync && this.hanging.has(id)) {
      this.say(`${id}'s disk hangs with ${textOf(ready)}`);
      this.underWay.set(id, ready);
    } else this.finish(id, ready);
  }

  private finish(id: number, ready: Ready): void {
    this.write(id, ready);
    this.send(ready.messages);
    if (ready.snapshot !== undefined) this.applied.set(id, utf8Text(ready.snapshot.data).split(','));
    for (const entry of ready.committed) this.apply(id, entry);
    for (const { context, index } of ready.readStates) {
      this.transcript.push(`${id} answers read ${context} after entry ${index}`);
      this.reads.push({ id, context, index });
    }
    for (const context of ready.abortedReads) this.transcript.push(`${id} gives read ${context} back`);
    this.aborted.push(...ready.abortedReads);
    this.node(id).advance();
    this.observe(id);
  }

  private write(id: number, { hardState, snapshot, entries }: Ready): void {
    const storage = this.storages.get(id)!;
    if (hardState !== undefined) storage.hardState = hardState;
    if (snapshot !== undefined) storage.install(snapshot);
    storage.append(entries);
  }

  private send(messages: readonly Message[]): void {
    for (const message of messages) {
      this.sent.push(message);
      const isAllowed = this.allow(message);
      this.transcript.push(`${message.from} -> ${message.to}  ${messageText(message)}${isAllowed ? '' : '  [lost]'}`);
      if (isAllowed) this.network.push(message);
    }
  }

  private observe(id: number): void {
    const before = this.seen.get(id)!;
    const now = this.status(id);
    this.seen.set(id, now);
    const { role, term, vote, commit, configuration } = now;
    if (vote !== before.vote && vote !== 0) this.transcript.push(`${id} votes for ${vote} in term ${term}`);
    if (role !== before.role) this.transcript.push(`${id} is ${role} in term ${term}`);
    if (configuration !== before.configuration) this.transcript.push(`${id} has members ${membersText(configuration)}`);
    if (commit !== before.commit) this.transcript.push(`${id} knows that ${commit} is committed`);
  }

  private apply(id: number, { type, data }: Entry): void {
    if (type === ENTRY_TYPES.COMMAND) this.applied.get(id)!.push(utf8Text(data));
  }
}

const CRASHES = {
  nothing: 'before anything is saved',
  saved: 'after the save, before anything is sent',
  sent: 'after the save and after what it sends',
} as const;

function textOf({ hardState, snapshot, entries }: Ready): string {
  const parts: string[] = [];
  if (hardState !== undefined) parts.push(`term ${hardState.term} and vote ${hardState.vote}`);
  if (snapshot !== undefined) parts.push(`snapshot ${snapshot.index}`);
  if (entries.length > 0) parts.push(`entries ${entries.map(({ index, term }) => `${index}@${term}`).join(' ')}`);
  return parts.join(', ');
}

function membersText({ voters, outgoing, learners }: Configuration): string {
  const joint = outgoing.length === 0 ? '' : `, jointly with ${outgoing.join(' ')}`;
  return `${voters.join(' ')}${joint}${learners.length === 0 ? '' : `, learning ${learners.join(' ')}`}`;
}
