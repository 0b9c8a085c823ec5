/**
 * A storage node as replication sees it, as plainly as possible: one log of everything for all groups, an engine that is a map,
 * a disk that forgets what was not synced, and the production link and intake for each other node. Used by specs.
 */
import { EventBatch, EventReader, EVENT_KINDS, type KeyedBody, readKeyedBody } from '#libs/events';
import { latin1Bytes, latin1Text } from '#libs/kernel';
import { LeaseGrantor, OWNERSHIP_RULES, OWNERSHIP_TIMES, type Position } from '#libs/ownership';
import type { ReplicationBounds, ReplicationTimes } from './bounds.js';
import { GroupPositions } from './group-positions.js';
import { factorOf, partitionOf } from './group.js';
import type { PrimaryHost, TailRead } from './primary-side.js';
import { RecordRuns } from './record-runs.js';
import { ReplicaIntake } from './replica-intake.js';
import { ReplicationLink } from './replication-link.js';

/** What the world around a node is told, and asked. */
export interface NodeWorld {
  readonly nowMs: number;
  readonly partitions: number;
  readonly bounds: ReplicationBounds;
  readonly times: ReplicationTimes;
  nextNonce(): number;
  send(from: number, to: number, frame: Uint8Array, isAnswer: boolean): void;
  holdersOf(group: number): readonly number[];
  onAcknowledged(primary: ModelNode, replica: number, group: number, sequence: number): void;
  onPromised(primary: ModelNode, replica: number, group: number, epoch: number, sentAtMs: number): void;
  onTaken(node: ModelNode, group: number, record: ModelRecord): void;
}

export interface ModelRecord {
  readonly epoch: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly wallMs: number;
}

type LogEntry =
  | { readonly kind: 'record'; readonly group: number; readonly record: ModelRecord }
  | { readonly kind: 'copied'; readonly group: number; readonly bytes: Uint8Array }
  | { readonly kind: 'begin' | 'end'; readonly group: number; readonly at: Position };

/** What a group is at some time: its entries, its last record, the records that its log still has. */
interface ModelGroup {
  entries: Map<string, number>;
  base: Position;
  records: ModelRecord[];
  isWhole: boolean;
}

interface Durable {
  readonly length: number;
  readonly tickets: ReadonlyMap<number, number>;
}

const emptyGroup = (): ModelGroup => ({
  entries: new Map(),
  base: { epoch: 0, sequence: 0 },
  records: [],
  isWhole: true,
});

export class ModelNode {
  positions!: GroupPositions;
  grantor!: LeaseGrantor;
  links = new Map<number, ReplicationLink>();
  intakes = new Map<number, ReplicaIntake>();
  /** Groups that this node leads, with the epoch. */
  led = new Map<number, number>();
  groups = new Map<number, ModelGroup>();
  /** Groups of which nothing is taken for want of room. */
  readonly full = new Set<number>();
  isPressed = false;
  divergences = 0;
  durableLength = 0;
  readonly grantedAtMs = new Map<string, number>();
  private log: LogEntry[] = [];
  private batch = new EventBatch();
  private readonly copyBatch = new EventBatch();
  private readonly saved: Uint32Array;
  private readonly epochs: Uint32Array;
  private reads: { readonly peer: number; readonly read: TailRead }[] = [];
  private syncing: Durable | undefined;
  private readonly copies = new Map<string, string>();
  private readonly runs: RecordRuns;

  constructor(
    readonly id: number,
    private readonly world: NodeWorld,
    private readonly peers: readonly number[],
  ) {
    this.saved = new Uint32Array(world.partitions * 8);
    this.epochs = new Uint32Array(world.partitions);
    this.runs = new RecordRuns(world.partitions, world.bounds.frameRecordBytes);
    this.start();
  }

  group(group: number): ModelGroup {
    let known = this.groups.get(group);
    if (known === undefined) this.groups.set(group, (known = emptyGroup()));
    return known;
  }

  /** The last record, durable or not. */
  last(group: number): Position {
    return lastOf(this.group(group));
  }

  /** Of the log as it would be after a crash at its worst. */
  durableGroup(group: number): ModelGroup {
    return rebuild(this.log.slice(0, this.durableLength)).get(group) ?? emptyGroup();
  }

  lead(group: number, epoch: number, isToldBefore: boolean): void {
    this.grantor.admits(group, epoch);
    this.saveSeals();
    const { epoch: previousEpoch, sequence } = this.last(group);
    const start = (since: 'epoch-start' | 'now'): void => {
      for (const peer of this.world.holdersOf(group))
        if (peer !== this.id) this.links.get(peer)?.add(group, epoch, since);
    };
    this.led.set(group, epoch);
    if (isToldBefore) start('epoch-start');
    this.epochs[partitionOf(group)] = epoch;
    this.useOrigin(group);
    this.batch.epochStarted(factorOf(group), partitionOf(group), sequence + 1, previousEpoch, sequence);
    this.applyLast(group);
    if (!isToldBefore) start('now');
  }

  /** Hears of a later primary. */
  stop(group: number): void {
    if (!this.led.delete(group)) return;
    for (const link of this.links.values()) link.remove(group);
  }

  write(group: number, key: string, value: number): void {
    const epoch = this.led.get(group);
    if (epoch === undefined) return;
    this.epochs[partitionOf(group)] = epoch;
    this.useOrigin(group);
    const bytes = latin1Bytes(key);
    const { sequence } = this.last(group);
    const [store, partition] = [factorOf(group), partitionOf(group)];
    if (value % 5 === 0) {
      this.batch.entryRemoved(store, partition, sequence + 1, 'deleted', 0, bytes, 0, bytes.length);
    } else this.batch.entryExpirySet(store, partition, sequence + 1, 0, value, bytes, 0, bytes.length);
    this.applyLast(group);
  }

  endTurn(): void {
    const { runs, batch, world } = this;
    runs.begin(batch.writer.buffer);
    runs.addBatch(0, batch.writer.length, Math.floor(world.nowMs), 0);
    for (const link of this.links.values()) link.endTurn(runs, world.nowMs);
    batch.reset();
    for (const intake of this.intakes.values()) intake.endTurn(world.nowMs);
  }

  tick(): void {
    for (const link of this.links.values()) link.tick(this.world.nowMs);
  }

  receive(from: number, frame: Uint8Array, isAnswer: boolean): void {
    if (isAnswer) this.links.get(from)?.receive(frame, this.world.nowMs);
    else this.intakes.get(from)?.receive(frame, this.world.nowMs);
  }

  /** What an fsync that begins now will have made durable. */
  beginSync(): void {
    const tickets = new Map([...this.intakes].map(([peer, { ticket }]) => [peer, ticket]));
    this.syncing ??= { length: this.log.length, tickets };
  }

  endSync(): void {
    const { syncing } = this;
    if (syncing === undefined) return;
    this.syncing = undefined;
    this.durableLength = syncing.length;
    for (const [peer, ticket] of syncing.tickets) this.intakes.get(peer)?.onDurable(ticket);
  }

  saveSeals(): void {
    const seals = this.grantor.takeUnsaved();
    for (const { partition, epoch } of seals) this.saved[partition] = epoch;
    this.grantor.onSaved(seals);
    for (const intake of this.intakes.values()) intake.onSealsSaved(this.world.nowMs);
  }

  /** Forgets the oldest records of a group's log. */
  trim(group: number, count: number): void {
    const state = this.group(group);
    const kept = this.durableGroup(group);
    for (let i = 0; i < count && state.records.length > 0; i++) {
      if (lastOf(kept).sequence < state.records[0].sequence || !kept.isWhole) return;
      const { epoch, sequence } = state.records.shift() as ModelRecord;
      state.base = { epoch, sequence };
    }
  }

  /** Answers the oldest read of the log, with what is durable there. */
  answerRead(): void {
    const next = this.reads.shift();
    if (next === undefined) return;
    const { peer, read } = next;
    const { group, after, request, maxBytes } = read;
    const link = this.links.get(peer);
    const { nowMs } = this.world;
    const { base, records } = this.group(group);
    const isInLog =
      after.sequence === base.sequence ? base : records.find(({ sequence }) => sequence === after.sequence);
    if (isInLog === undefined || isInLog.epoch !== after.epoch) {
      return link?.onTailEnd(group, request, after.sequence < base.sequence ? 'gone' : 'divergent', nowMs);
    }
    const visible = lastOf(this.durableGroup(group)).sequence;
    let bytes = 0;
    for (const record of records) {
      if (record.sequence <= after.sequence || record.sequence > visible || bytes >= maxBytes) continue;
      bytes += record.bytes.length;
      link?.onTailRecords(group, request, record.bytes, 0, record.bytes.length, record.wallMs, 0, nowMs);
    }
    link?.onTailEnd(group, request, 'read', nowMs);
  }

  /** The process ends and starts again; of what was not durable, `kept` entries of the log are there. */
  crash(kept: number): void {
    const length = Math.min(this.durableLength + kept, this.log.length);
    this.log = this.log.slice(0, length);
    this.durableLength = length;
    this.start();
  }

  private start(): void {
    const { world, peers, id } = this;
    const { nowMs } = world;
    const bases = new Map([...this.groups].map(([group, { base }]) => [group, base]));
    this.groups = rebuild(this.log);
    for (const [group, state] of this.groups) trimTo(state, bases.get(group));
    this.positions = new GroupPositions(world.partitions);
    for (const [group, state] of this.groups) {
      this.positions.set(group, lastOf(state).epoch, lastOf(state).sequence);
      this.positions.incomplete[group] = state.isWhole ? 0 : 1;
    }
    this.grantor = new LeaseGrantor(this.saved, nowMs, OWNERSHIP_TIMES, OWNERSHIP_RULES);
    this.led.clear();
    this.full.clear();
    this.copies.clear();
    this.batch.reset();
    this.reads = [];
    this.syncing = undefined;
    this.links = new Map(peers.map((peer) => [peer, this.newLink(peer)]));
    this.intakes = new Map(peers.map((peer) => [peer, this.newIntake(peer)]));
    for (const peer of peers) if (peer === id) throw new Error('a node is no peer of its own');
  }

  private newLink(peer: number): ReplicationLink {
    const { world } = this;
    return new ReplicationLink({
      peer: String(peer),
      incarnation: world.nextNonce(),
      positions: this.positions,
      host: this.primaryHost(peer),
      ownership: {
        onAcknowledged: (group, epoch, owner, sentAtMs) =>
          world.onPromised(this, Number(owner), group, epoch, sentAtMs),
        onRefused: (group) => this.stop(group),
      },
      nowMs: world.nowMs,
      bounds: world.bounds,
      times: world.times,
    });
  }

  private primaryHost(peer: number): PrimaryHost {
    const { world } = this;
    const copyOf = (group: number): string => `${peer} ${group}`;
    return {
      send: (frame) => world.send(this.id, peer, frame, false),
      readTail: (read) => void this.reads.push({ peer, read }),
      beginCopy: (group) => void this.copies.set(copyOf(group), ''),
      nextChunk: (group) => this.nextChunk(group, copyOf(group)),
      endCopy: (group) => void this.copies.delete(copyOf(group)),
      onAcknowledged: (group, sequence) => world.onAcknowledged(this, peer, group, sequence),
      onForgotten: () => undefined,
      onDivergent: () => void this.divergences++,
    };
  }

  /** The next two entries by key. */
  private nextChunk(group: number, copy: string): Uint8Array | undefined {
    const from = this.copies.get(copy);
    if (from === undefined) throw new Error('chunk of a copy that has not begun');
    const keys = [...this.group(group).entries.keys()].filter((key) => key > from).sort();
    if (keys.length === 0) return undefined;
    const { copyBatch } = this;
    copyBatch.reset();
    for (const key of keys.slice(0, 2)) {
      const bytes = latin1Bytes(key);
      const value = this.group(group).entries.get(key) as number;
      copyBatch.entryExpirySet(0, partitionOf(group), 1, 0, value, bytes, 0, bytes.length);
      this.copies.set(copy, key);
    }
    return copyBatch.writer.written();
  }

  private newIntake(peer: number): ReplicaIntake {
    const { world } = this;
    // The host's `isPressed` is asked for each answer.
    const isPressed = (): boolean => this.isPressed;
    const intake: ReplicaIntake = new ReplicaIntake({
      nonce: world.nextNonce(),
      positions: this.positions,
      ownership: {
        admits: (group, epoch) => {
          const verdict = this.grantor.admits(group, epoch);
          if (this.grantor.knownEpoch(group) > (this.led.get(group) ?? Infinity)) this.stop(group);
          return verdict;
        },
        acknowledge: (group, epoch, nowMs) => {
          const verdict = this.grantor.grant(group, epoch, nowMs);
          if (verdict === 'granted') this.grantedAtMs.set(`${group} ${epoch}`, nowMs);
          return verdict;
        },
        sealedEpoch: (group) => this.grantor.knownEpoch(group),
      },
      host: {
        get isPressed() {
          return isPressed();
        },
        send: (frame) => world.send(this.id, peer, frame, true),
        refusalOf: (group) => (this.full.has(group) ? 5 : world.holdersOf(group).includes(this.id) ? undefined : 4),
        take: (records, offset, length, wallMs) => this.takeRecords(records.slice(offset, offset + length), wallMs),
        beginCopy: (group, epoch, sequence) => this.append({ kind: 'begin', group, at: { epoch, sequence } }),
        takeCopy: (group, records, offset, length) =>
          this.append({ kind: 'copied', group, bytes: records.slice(offset, offset + length) }),
        endCopy: (group, epoch, sequence) => this.append({ kind: 'end', group, at: { epoch, sequence } }),
      },
      bounds: world.bounds,
      times: world.times,
    });
    return intake;
  }

  private takeRecords(bytes: Uint8Array, wallMs: number): void {
    const reader = new EventReader();
    reader.open(bytes);
    while (reader.advance()) {
      const { partition, group: factor, epoch, sequence, recordOffset, recordLength } = reader;
      const group = partition * 8 + factor - 1;
      const record = { epoch, sequence, wallMs, bytes: bytes.slice(recordOffset, recordOffset + recordLength) };
      this.world.onTaken(this, group, record);
      this.append({ kind: 'record', group, record });
    }
  }

  private useOrigin(group: number): void {
    const groups = new Uint8Array(9).fill(0);
    groups[factorOf(group)] = factorOf(group);
    this.batch.origin = { epochs: this.epochs, groups };
  }

  /** The batch's last record is one of this node's own. */
  private applyLast(group: number): void {
    const reader = new EventReader();
    reader.open(this.batch.writer.written());
    while (reader.advance());
    const { epoch, sequence, recordOffset, recordLength } = reader;
    const bytes = reader.buffer.slice(recordOffset, recordOffset + recordLength);
    const record = { epoch, sequence, bytes, wallMs: Math.floor(this.world.nowMs) };
    this.world.onTaken(this, group, record);
    this.append({ kind: 'record', group, record });
    this.positions.set(group, epoch, sequence);
  }

  private append(entry: LogEntry): void {
    this.log.push(entry);
    apply(this.group(entry.group), entry);
  }
}

export function lastOf({ base, records }: ModelGroup): Position {
  return records.at(-1) ?? base;
}

function rebuild(log: readonly LogEntry[]): Map<number, ModelGroup> {
  const groups = new Map<number, ModelGroup>();
  for (const entry of log) {
    let group = groups.get(entry.group);
    if (group === undefined) groups.set(entry.group, (group = emptyGroup()));
    apply(group, entry);
  }
  return groups;
}

function apply(group: ModelGroup, entry: LogEntry): void {
  switch (entry.kind) {
    case 'begin':
      Object.assign(group, { ...emptyGroup(), base: entry.at, isWhole: false });
      return;
    case 'end':
      group.isWhole = true;
      return;
    case 'copied':
      return applyBytes(group, entry.bytes);
    case 'record': {
      if (entry.record.sequence !== lastOf(group).sequence + 1) throw new Error('a log has a gap');
      group.records.push(entry.record);
      applyBytes(group, entry.record.bytes);
    }
  }
}

function applyBytes({ entries }: ModelGroup, bytes: Uint8Array): void {
  const reader = new EventReader();
  const body: KeyedBody = { database: 0, timeMs: 0, keyOffset: 0, keyLength: 0 };
  reader.open(bytes);
  while (reader.advance()) {
    if (reader.kind === EVENT_KINDS.epochStarted) continue;
    readKeyedBody(reader, body);
    const key = latin1Text(reader.buffer, body.keyOffset, body.keyLength);
    if (reader.kind === EVENT_KINDS.entryRemoved) entries.delete(key);
    else entries.set(key, body.timeMs);
  }
}

/** A log that was trimmed stays so. */
function trimTo(group: ModelGroup, base: Position | undefined): void {
  if (base === undefined) return;
  while (group.records.length > 0 && group.records[0].sequence <= base.sequence) {
    const { epoch, sequence } = group.records.shift() as ModelRecord;
    group.base = { epoch, sequence };
  }
}
