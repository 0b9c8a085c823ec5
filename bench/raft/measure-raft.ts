/**
 * A program of its own: proposals per second of a group of three in one process, over files in a folder and messages that go
 * through their bytes in memory. Arguments: folder, bytes of an entry, proposals that wait at a time, seconds. Sends a
 * {@link RaftRate} to its parent.
 */
import { join } from 'node:path';
import { decodeMessage, encodeMessage, ENTRY_TYPES, type Entry } from '#libs/raft';
import { median, percentile } from '../lib/statistics.js';
import { Xorshift } from '../lib/xorshift.js';
import { FileMember } from './file-member.js';
import type { RaftRate } from './measurement.js';

const IDS = [1, 2, 3];
const TICK_MS = 10;
const CLUSTER = 'bench';
const WARM_UP_MS = 1_000;

class Group {
  members: readonly FileMember[] = [];
  /** When the entry of an index was proposed, in ms. */
  private readonly proposedMs = new Map<number, number>();
  readonly latenciesMs: number[] = [];
  /** Leaders that were followed by another one: a disk, or the machine, that stood still for too long. */
  replacements = -1;
  private inbox: Uint8Array[] = [];
  private waiting = 0;
  private ledTerm = 0;

  constructor(
    private readonly data: Uint8Array,
    private readonly window: number,
  ) {}

  async open(folder: string): Promise<void> {
    const rng = new Xorshift(1);
    this.members = await Promise.all(
      IDS.map((id) =>
        FileMember.create(
          join(folder, `member-${id}`),
          id,
          IDS,
          { nextU32: () => rng.below(2 ** 32) },
          (message) => this.post(encodeMessage(CLUSTER, message)),
          (entries) => this.onApplied(id, entries),
        ),
      ),
    );
  }

  /** The newest one: another may not know yet that it was replaced. */
  get leader(): FileMember | undefined {
    const leaders = this.members.filter(({ node }) => node.role === 'leader');
    return leaders.toSorted((a, b) => b.node.term - a.node.term).at(0);
  }

  tick(): void {
    for (const { node } of this.members) node.tick();
    if (this.leader?.node.term !== this.ledTerm) this.fill();
    this.work();
  }

  /** Keeps so many proposals waiting. */
  fill(): void {
    const { leader } = this;
    if (leader !== undefined) this.follow(leader.node.term);
    while (leader !== undefined && this.waiting < this.window) {
      const proposal = leader.node.propose(this.data, 1);
      if (!proposal.ok) break;
      this.waiting++;
      this.proposedMs.set(proposal.index, performance.now());
    }
    this.work();
  }

  /** What was proposed to an earlier leader has an answer only if the new one has it in its log: it counts no more. */
  private follow(term: number): void {
    if (term === this.ledTerm) return;
    this.ledTerm = term;
    this.replacements++;
    this.waiting = 0;
    this.proposedMs.clear();
  }

  private work(): void {
    for (const member of this.members) member.work();
  }

  private post(bytes: Uint8Array): void {
    if (this.inbox.push(bytes) === 1) setImmediate(() => this.deliver());
  }

  private deliver(): void {
    const { inbox } = this;
    this.inbox = [];
    for (const bytes of inbox) {
      const { message } = decodeMessage(bytes);
      this.members[message.to - 1].node.step(message);
    }
    this.work();
  }

  private onApplied(id: number, entries: readonly Entry[]): void {
    if (this.members[id - 1] !== this.leader) return;
    const nowMs = performance.now();
    for (const { index, type } of entries) {
      const proposedMs = this.proposedMs.get(index);
      if (type !== ENTRY_TYPES.COMMAND || proposedMs === undefined) continue;
      this.proposedMs.delete(index);
      this.latenciesMs.push(nowMs - proposedMs);
      this.waiting--;
    }
    this.fill();
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(folder: string, bytes: number, window: number, seconds: number): Promise<RaftRate> {
  const group = new Group(new Uint8Array(bytes), window);
  await group.open(folder);
  const clock = setInterval(() => group.tick(), TICK_MS);
  while (group.leader === undefined) await sleep(TICK_MS);
  await sleep(WARM_UP_MS);
  group.latenciesMs.length = 0;
  const syncsOf = (): number => Math.max(...group.members.map((member) => member.syncs));
  const syncs = syncsOf();
  const startMs = performance.now();
  await sleep(seconds * 1_000);
  const tookMs = performance.now() - startMs;
  const latenciesMs = [...group.latenciesMs];
  const made = syncsOf() - syncs;
  clearInterval(clock);
  if (latenciesMs.length === 0) throw new Error(`nothing was committed in ${seconds} s`);
  return {
    proposalsPerSecond: (1_000 * latenciesMs.length) / tookMs,
    medianMs: median(latenciesMs),
    p99Ms: percentile(latenciesMs, 99),
    syncsPerSecond: (1_000 * made) / tookMs,
    replacements: group.replacements,
  };
}

const [folder, ...numbers] = process.argv.slice(2);
const [bytes, window, seconds] = numbers.map(Number);
const rate = await measure(folder, bytes, window, seconds);
process.send?.(rate, () => process.exit(0));
