/**
 * How far each group that this node leads is committed: up to the last record which a majority of the configured owners has
 * durably, and, while others are being replaced, a majority of those too (Raft's joint configurations; Ongaro and Ousterhout,
 * "In Search of an Understandable Consensus Algorithm", 2014, §6). Only records of the leader's own epoch are counted; earlier
 * ones are committed by those behind them (§5.4.2).
 *
 * Struct of arrays by group and member; a member is one of the nodes that the group's owners and outgoing owners are, this one
 * included. Nodes are numbers that the host gives them.
 */
import { assert } from '#libs/kernel';
import { REPLICATION_BOUNDS } from './bounds.js';

const MEMBERS = REPLICATION_BOUNDS.maxMembers;

const OWNER = 1;
const OUTGOING = 2;
const NOBODY = -1;

export class CommitTracker {
  /** By group, the last record that is committed; 0 where none of this epoch is, or this node does not lead. */
  readonly committed: Float64Array;
  /** The EpochStarted of the epoch that this node leads; Infinity where it leads none. */
  private readonly epochStarts: Float64Array;
  private readonly memberCounts: Uint8Array;
  /** 1 where there are outgoing owners. */
  private readonly isReplacing: Uint8Array;
  private readonly nodes: Uint16Array;
  private readonly roles: Uint8Array;
  /** Up to which record each member has the log durably. */
  private readonly durable: Float64Array;
  private readonly sorted = new Float64Array(MEMBERS);
  private readonly isTouched: Uint8Array;
  private touched: number[] = [];

  /** `self`: this node's number. */
  constructor(
    groupCount: number,
    private readonly self: number,
  ) {
    this.committed = new Float64Array(groupCount);
    this.epochStarts = new Float64Array(groupCount).fill(Infinity);
    this.memberCounts = new Uint8Array(groupCount);
    this.isReplacing = new Uint8Array(groupCount);
    this.nodes = new Uint16Array(groupCount * MEMBERS);
    this.roles = new Uint8Array(groupCount * MEMBERS);
    this.durable = new Float64Array(groupCount * MEMBERS);
    this.isTouched = new Uint8Array(groupCount);
  }

  /** This node begins an epoch with the record of this sequence. Nobody has anything of it yet. */
  lead(group: number, epochStart: number, owners: readonly number[], outgoing: readonly number[]): void {
    this.resign(group);
    this.epochStarts[group] = epochStart;
    this.configure(group, owners, outgoing);
  }

  /** Other owners, or the outgoing ones are out: who stays has what it had. */
  configure(group: number, owners: readonly number[], outgoing: readonly number[]): void {
    const members = [...new Set([...owners, ...outgoing])];
    assert(owners.length > 0 && members.length <= MEMBERS, `group ${group}: ${members.length} members`);
    const durable = members.map((node) => this.durableAt(group, node));
    this.memberCounts[group] = members.length;
    members.forEach((node, slot) => {
      const at = group * MEMBERS + slot;
      this.nodes[at] = node;
      this.roles[at] = (owners.includes(node) ? OWNER : 0) | (outgoing.includes(node) ? OUTGOING : 0);
      this.durable[at] = durable[slot];
    });
    this.isReplacing[group] = outgoing.length > 0 ? 1 : 0;
    this.touch(group);
    this.advance(group);
  }

  resign(group: number): void {
    this.committed[group] = 0;
    this.epochStarts[group] = Infinity;
    this.memberCounts[group] = 0;
  }

  leads(group: number): boolean {
    return this.epochStarts[group] !== Infinity;
  }

  /** A member has all records up to this one durably. Of others it means nothing. */
  acknowledge(group: number, node: number, sequence: number): void {
    const at = this.find(group, node);
    if (at < 0 || sequence <= this.durable[at]) return;
    this.durable[at] = sequence;
    this.touch(group);
    if (sequence > this.committed[group]) this.advance(group);
  }

  /** A member has lost what it had. What is committed stays so: it was, when it counted. */
  forget(group: number, node: number): void {
    const at = this.find(group, node);
    if (at >= 0) this.durable[at] = 0;
  }

  /** Up to which record all owners have the log; never further than it is committed. */
  atAll(group: number): number {
    const owners = this.sort(group, OWNER, NOBODY);
    return owners === 0 ? 0 : Math.min(this.committed[group], this.sorted[owners - 1]);
  }

  /** Up to which record so many owners other than this node have the log. */
  atReplicas(group: number, count: number): number {
    return count > this.sort(group, OWNER, this.self) ? 0 : this.sorted[count - 1];
  }

  ownerCount(group: number): number {
    let count = 0;
    const end = group * MEMBERS + this.memberCounts[group];
    for (let at = group * MEMBERS; at < end; at++) if ((this.roles[at] & OWNER) !== 0) count++;
    return count;
  }

  /** Owners that have the record, or those of them that are not this node. */
  ownersWith(group: number, sequence: number, isSelfCounted: boolean): number {
    let count = 0;
    const end = group * MEMBERS + this.memberCounts[group];
    for (let at = group * MEMBERS; at < end; at++) {
      if ((this.roles[at] & OWNER) === 0 || this.durable[at] < sequence) continue;
      if (isSelfCounted || this.nodes[at] !== this.self) count++;
    }
    return count;
  }

  /** Groups in which any member has got further since the last call. */
  takeTouched(): readonly number[] {
    const { touched } = this;
    for (const group of touched) this.isTouched[group] = 0;
    this.touched = [];
    return touched;
  }

  private durableAt(group: number, node: number): number {
    const at = this.find(group, node);
    return at < 0 ? 0 : this.durable[at];
  }

  private find(group: number, node: number): number {
    const end = group * MEMBERS + this.memberCounts[group];
    for (let at = group * MEMBERS; at < end; at++) if (this.nodes[at] === node) return at;
    return -1;
  }

  private touch(group: number): void {
    if (this.isTouched[group] !== 0) return;
    this.isTouched[group] = 1;
    this.touched.push(group);
  }

  private advance(group: number): void {
    let sequence = this.atMajority(group, OWNER);
    if (this.isReplacing[group] !== 0) sequence = Math.min(sequence, this.atMajority(group, OUTGOING));
    if (sequence > this.committed[group] && sequence >= this.epochStarts[group]) this.committed[group] = sequence;
  }

  /** Up to which record a majority of those in the role has the log. */
  private atMajority(group: number, role: number): number {
    return this.sorted[this.sort(group, role, NOBODY) >>> 1];
  }

  /** Puts the positions of those in the role, but for one node, into `sorted`, the furthest first; answers how many. */
  private sort(group: number, role: number, without: number): number {
    const { sorted, nodes, roles, durable } = this;
    const end = group * MEMBERS + this.memberCounts[group];
    let count = 0;
    for (let from = group * MEMBERS; from < end; from++) {
      if ((roles[from] & role) === 0 || nodes[from] === without) continue;
      let at = count++;
      for (; at > 0 && sorted[at - 1] < durable[from]; at--) sorted[at] = sorted[at - 1];
      sorted[at] = durable[from];
    }
    return count;
  }
}
