/**
 * Nodes on a bus that loses, doubles, delays and reorders, told step by step what happens next; after each step what the lib
 * has claimed is compared with what the nodes have. Used by specs.
 */
import { equalBytes } from '#libs/kernel';
import { REPLICATION_BOUNDS, REPLICATION_TIMES, type ReplicationBounds } from './bounds.js';
import { groupOf } from './group.js';
import { lastOf, ModelNode, type ModelRecord, type NodeWorld } from './model-node.support.spec.js';

interface Message {
  readonly from: number;
  readonly to: number;
  readonly frame: Uint8Array;
  readonly isAnswer: boolean;
}

/** Small, so that everything overflows now and then. */
export const SMALL_BOUNDS: ReplicationBounds = {
  ...REPLICATION_BOUNDS,
  windowBytes: 1_500,
  maxWindowFrames: 12,
  flightBytes: 700,
  frameRecordBytes: 260,
  maxFrameGroups: 2,
  maxRefusals: 2,
  acknowledgeBytes: 500,
  catchUpBytes: 600,
  tailReadBytes: 200,
  maxHeldBytes: 400,
  maxTails: 1,
  maxCopies: 1,
};

const MAX_MESSAGES = 200;
const CALM_ROUNDS = 400;

export class ModelWorld implements NodeWorld {
  nowMs = 1_000;
  readonly partitions = 2;
  readonly times = REPLICATION_TIMES;
  readonly nodes: readonly ModelNode[];
  /** Per group, the newest epoch and who leads it. */
  readonly table = new Map<number, { epoch: number; primary: number }>();
  acknowledgements = 0;
  private messages: Message[] = [];
  private nonce = 0;
  private readonly written = new Map<string, Uint8Array>();
  private readonly cut = new Set<string>();

  constructor(
    readonly groups: ReadonlyMap<number, readonly number[]>,
    readonly bounds: ReplicationBounds = SMALL_BOUNDS,
    nodeCount = 3,
  ) {
    const ids = Array.from({ length: nodeCount }, (_, id) => id);
    this.nodes = ids.map(
      (id) =>
        new ModelNode(
          id,
          this,
          ids.filter((peer) => peer !== id),
        ),
    );
    for (const [group, [first]] of groups) this.promote(group, first, true);
  }

  nextNonce(): number {
    return (this.nonce = (this.nonce + 7_919) >>> 0);
  }

  holdersOf(group: number): readonly number[] {
    return this.groups.get(group) ?? [];
  }

  primaryOf(group: number): ModelNode {
    return this.nodes[this.table.get(group)?.primary ?? 0];
  }

  /** A node becomes primary under the next epoch, if it has the group as a whole; others do not hear of it yet. */
  promote(group: number, id: number, isToldBefore: boolean): void {
    const node = this.nodes[id];
    if (!node.group(group).isWhole || node.positions.incomplete[group] !== 0) return;
    const epoch = (this.table.get(group)?.epoch ?? 0) + 1;
    this.table.set(group, { epoch, primary: id });
    node.stop(group);
    node.lead(group, epoch, isToldBefore);
  }

  /** A candidate for the next epoch has asked this node to seal. */
  seal(group: number, id: number): void {
    const node = this.nodes[id];
    const epoch = (this.table.get(group)?.epoch ?? 0) + 1;
    node.stop(group);
    node.grantor.seal(group, epoch, 'a candidate');
  }

  /** Everybody hears who leads; a primary that has crashed, or was sealed, is followed by itself. */
  announce(group: number): void {
    const { epoch, primary } = this.table.get(group) as { epoch: number; primary: number };
    for (const node of this.nodes) if (node.id !== primary) node.stop(group);
    const isSealed = this.nodes.some(({ grantor }) => grantor.knownEpoch(group) > epoch);
    if (isSealed || this.nodes[primary].led.get(group) !== epoch) this.promote(group, primary, false);
  }

  send(from: number, to: number, frame: Uint8Array, isAnswer: boolean): void {
    if (this.cut.has(`${from} ${to}`)) return;
    this.messages.push({ from, to, frame, isAnswer });
    if (this.messages.length > MAX_MESSAGES) this.messages.shift();
  }

  toggleCut(from: number, to: number): void {
    const link = `${from} ${to}`;
    if (!this.cut.delete(link)) this.cut.add(link);
  }

  /** Delivers one of the oldest messages; `isDoubled`: it will come again. */
  deliver(index: number, isDoubled: boolean): void {
    if (this.messages.length === 0) return;
    const at = index % this.messages.length;
    const message = this.messages[at];
    if (!isDoubled) this.messages.splice(at, 1);
    this.nodes[message.to].receive(message.from, message.frame, message.isAnswer);
  }

  drop(index: number): void {
    if (this.messages.length > 0) this.messages.splice(index % this.messages.length, 1);
  }

  onTaken(node: ModelNode, group: number, { epoch, sequence, bytes }: ModelRecord): void {
    if (node.grantor.savedEpoch(group) < epoch) throw new Error(`group ${group}: taken before epoch ${epoch} is saved`);
    const place = `${group} ${epoch} ${sequence}`;
    const known = this.written.get(place);
    if (known === undefined) this.written.set(place, bytes);
    else if (known.length !== bytes.length || !equalBytes(known, 0, bytes, 0, bytes.length)) {
      throw new Error(`two records at ${place}`);
    }
  }

  /** What is acknowledged is durable at the replica, and is what the primary wrote. */
  onAcknowledged(primary: ModelNode, replicaId: number, group: number, sequence: number): void {
    this.acknowledgements++;
    const replica = this.nodes[replicaId];
    const epoch = primary.led.get(group);
    if (epoch === undefined || replica.grantor.knownEpoch(group) > epoch) return;
    const has = replica.durableGroup(group);
    const claim = `node ${replicaId}, group ${group}: ${sequence} is acknowledged`;
    if (!has.isWhole) throw new Error(`${claim}, and the copy is not whole`);
    if (lastOf(has).sequence < sequence) throw new Error(`${claim}, ${lastOf(has).sequence} is durable`);
    const at = ({ records, base }: typeof has): number | undefined =>
      base.sequence === sequence ? base.epoch : records.find((record) => record.sequence === sequence)?.epoch;
    const [here, there] = [at(primary.group(group)), at(has)];
    if (here !== undefined && there !== undefined && here !== there) throw new Error(`${claim}, of another history`);
  }

  /** What a primary relies on was promised after it had sent what it names. */
  onPromised(_primary: ModelNode, replicaId: number, group: number, epoch: number, sentAtMs: number): void {
    const grantedAtMs = this.nodes[replicaId].grantedAtMs.get(`${group} ${epoch}`) ?? -Infinity;
    if (grantedAtMs < sentAtMs) throw new Error(`group ${group}: a promise that was not given`);
  }

  /** Everything works again; answers what is still wrong after a while. */
  calmDown(): readonly string[] {
    this.cut.clear();
    for (const node of this.nodes) {
      node.full.clear();
      node.isPressed = false;
    }
    for (const group of this.groups.keys()) this.announce(group);
    let wrong: readonly string[] = [];
    for (let round = 0; round < CALM_ROUNDS; round++) {
      this.calmRound();
      wrong = this.differences();
      if (wrong.length === 0) return wrong;
    }
    return wrong;
  }

  differences(): readonly string[] {
    const wrong: string[] = [];
    for (const [group, holders] of this.groups) {
      const primary = this.primaryOf(group);
      const [epoch, sequence] = [primary.positions.epochs[group], primary.positions.sequences[group]];
      for (const id of holders) {
        const node = this.nodes[id];
        const has = `node ${id}, group ${group}:`;
        if (!node.positions.isAt(group, epoch, sequence) || node.positions.incomplete[group] !== 0) {
          wrong.push(`${has} at ${JSON.stringify(node.positions.last(group))}, not at (${epoch}, ${sequence})`);
        } else if (!sameEntries(node.group(group).entries, primary.group(group).entries)) wrong.push(`${has} entries`);
        const link = primary.links.get(id);
        if (link !== undefined && link.lackingGroups > 0) wrong.push(`${has} lacking`);
        if (link !== undefined && link.lagFrames > 0) wrong.push(`${has} not acknowledged`);
      }
    }
    return wrong;
  }

  private calmRound(): void {
    this.nowMs += 50;
    for (const node of this.nodes) {
      node.endTurn();
      node.tick();
      node.saveSeals();
      node.beginSync();
      node.endSync();
      node.answerRead();
      node.endTurn();
    }
    for (let left = this.messages.length; left > 0; left--) this.deliver(0, false);
  }
}

function sameEntries(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

export const GROUP_A = groupOf(0, 3);
export const GROUP_B = groupOf(1, 3);
export const GROUP_C = groupOf(0, 2);
