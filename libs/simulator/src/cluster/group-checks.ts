/**
 * Raft's promises, looked at in coordinators that run: after each turn of one, what has changed of its member is given to
 * the checks that Raft groups alone have. Beyond them: all coordinators have the same state after the same entry, a
 * request for changes is in the log once, and nobody is told of a change that is not agreed on.
 */
import { decodeChangeReply, decodeChangeRequest, EMPTY_CLUSTER_STATE, type ClusterState } from '#libs/cluster';
import { decodeCommand, type CoordinatorHost, type RaftMember } from '#libs/coordinator-host';
import { decodeMessage, ENTRY_TYPES, type Entry, type HardState, type LogStorage } from '#libs/raft';
import { must, SafetyChecks, type DurableLog } from '../raft/safety-checks.js';
import type { TableChecks } from './table-checks.js';

interface Watched {
  readonly host: CoordinatorHost;
  readonly member: RaftMember;
  readonly id: number;
  hardState: HardState;
  agreed: ClusterState;
  applied: number;
  /** By index: terms of entries that were compared. */
  readonly compared: number[];
}

export class GroupChecks {
  acknowledged = 0;
  readonly checks: SafetyChecks;
  private readonly watched = new Map<string, Watched>();
  /** By Raft id: what the member's disk has acknowledged; stays when the process ends. */
  private readonly logs = new Map<number, LogStorage>();
  /** By index and term of an entry: the requests whose changes it has. */
  private readonly requestsOf = new Map<string, readonly string[]>();
  /** By request id: the committed entry with its changes. */
  private readonly carriedOut = new Map<string, number>();
  private settled = 0;
  /** By the subject of the answer: who asked for what. */
  private readonly asked = new Map<string, string>();

  constructor(private readonly tables: TableChecks) {
    this.checks = new SafetyChecks((id) => this.logs.get(id) as DurableLog | undefined);
  }

  /** After a turn of a coordinator's process. */
  onTurn(name: string, host: CoordinatorHost): void {
    const member = host.raft;
    if (member === undefined) return;
    const known = this.watched.get(name);
    const watched = known?.member === member ? known : this.begin(name, host, member);
    this.checkLog(watched);
    const { hardState } = member.log;
    if (hardState !== watched.hardState) {
      watched.hardState = hardState;
      this.checks.onPromise(member, hardState);
    }
    this.checks.check(member);
    this.settle();
    this.checkAgreed(name, watched);
  }

  /** A message reaches a process. */
  onArrival(payload: Uint8Array): void {
    const { message } = decodeMessage(payload);
    if (message.type === 'vote-reply' || message.type === 'timeout-now') this.checks.onDelivery(message);
  }

  /** Somebody asks for changes. */
  onRequest(payload: Uint8Array, replyTo: string | undefined): void {
    if (replyTo !== undefined) this.asked.set(replyTo, decodeChangeRequest(payload).requestId);
  }

  /** What leaves may be the answer. */
  onPublished(from: string, subject: string, payload: Uint8Array): void {
    const requestId = this.asked.get(subject);
    if (requestId === undefined) return;
    const reply = decodeChangeReply(payload);
    if (!reply.accepted) return;
    this.acknowledged++;
    const agreed = this.tables.newest?.tableVersion ?? 0;
    const { tableVersion } = reply;
    must(tableVersion <= agreed, `${from}: acknowledges table ${tableVersion}, which is not agreed on`);
  }

  /** In the end: what was acknowledged is in the state that the group has. */
  checkKept(name: string, { requests }: ClusterState): void {
    for (const requestId of this.carriedOut.keys()) {
      must(requests.has(requestId), `${name}: request ${requestId} was committed and is not in its state`);
    }
  }

  get snapshotsInstalled(): number {
    let sum = 0;
    for (const { member } of this.watched.values()) sum += member.counters.snapshotsInstalled;
    return sum;
  }

  private begin(name: string, host: CoordinatorHost, member: RaftMember): Watched {
    const { id, applied } = member.status;
    const { hardState } = member.log;
    const watched = { host, member, id, hardState, agreed: EMPTY_CLUSTER_STATE, applied: applied - 1, compared: [] };
    this.checks.onStart(member, this.logs.get(id) as DurableLog | undefined, member.log as DurableLog);
    this.logs.set(id, member.log);
    this.watched.set(name, watched);
    return watched;
  }

  /** Goes back from the end of what is durable to what was compared before. */
  private checkLog({ member, compared }: Watched): void {
    const { log } = member;
    const { firstIndex, lastIndex } = log;
    let from = lastIndex + 1;
    while (from > firstIndex && compared[from - 1] !== log.term(from - 1)) from--;
    if (from > lastIndex) return;
    const entries = log.entries(from, lastIndex, Infinity, Infinity);
    this.checks.checkEntries(member, entries);
    for (const entry of entries) {
      compared[entry.index] = entry.term;
      this.noteRequests(entry);
    }
    compared.length = lastIndex + 1;
  }

  private noteRequests({ index, term, type, data, version }: Entry): void {
    if (type !== ENTRY_TYPES.COMMAND || this.requestsOf.has(`${term}.${index}`)) return;
    const command = decodeCommand(data, version);
    if (command.type !== 'events') return;
    const ids = command.batch.events.flatMap((event) => ('requestId' in event ? [event.requestId] : []));
    this.requestsOf.set(`${term}.${index}`, [...new Set(ids.filter((id) => id !== ''))]);
  }

  /** Looks at what has been committed since the last time. */
  private settle(): void {
    const { checks } = this;
    while (this.settled < checks.maxCommitted) {
      const index = ++this.settled;
      const ids = this.requestsOf.get(`${checks.committedTerm(index)}.${index}`) ?? [];
      for (const id of ids) {
        const before = this.carriedOut.get(id);
        must(before === undefined, `request ${id} is carried out twice: by the entries ${before} and ${index}`);
        this.carriedOut.set(id, index);
      }
    }
  }

  private checkAgreed(name: string, watched: Watched): void {
    const { host, id, member } = watched;
    const { applied } = member.status;
    if (applied === watched.applied) return;
    const { agreed } = host;
    must(agreed.eventIndex >= watched.agreed.eventIndex, `${name}: the agreed state goes back`);
    must(host.strayBatches === 0, `${name}: a batch of events does not follow on the state before it`);
    this.checks.checkState(id, applied, markOf(agreed));
    if (agreed.table !== undefined && agreed.table !== watched.agreed.table) this.tables.onAgreed(name, agreed.table);
    watched.applied = applied;
    watched.agreed = agreed;
  }
}

function markOf({ eventIndex, table, requests, draining, superseded, lastStoreId }: ClusterState): number {
  let hash = eventIndex;
  for (const part of [table?.tableVersion ?? 0, requests.size, draining.size, superseded.size, lastStoreId]) {
    hash = Math.imul(hash ^ part, 0x01000193) ^ (hash >>> 15);
  }
  return hash;
}
