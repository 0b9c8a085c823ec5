/** One seed's life of a group: clients, operators and misfortunes, then peace, in which the group must get on again. */
import { AssertionError, ByteWriter } from '#libs/kernel';
import { membersOf, type MemberChange } from '../index.js';
import { Random } from './random.support.spec.js';
import { must, SafetyViolation } from './safety-checks.support.spec.js';
import { VirtualCluster, type Member, type Sabotage } from './virtual-cluster.support.spec.js';

const TROUBLE_MS = 1_600;
const PEACE_MS = 3_000;
const PEACE_STEP_MS = 200;
const EVERYBODY = [1, 2, 3, 4, 5, 6];

export interface RunResult {
  readonly seed: number;
  readonly problem: string | undefined;
  readonly atMs: number;
  readonly committed: number;
  readonly reads: number;
  readonly terms: number;
  readonly snapshots: number;
}

type Action = (run: Run) => void;

const ACTIONS: readonly Action[] = [
  (run) => crash(run),
  (run) => crash(run),
  cutOff,
  split,
  oneWay,
  pause,
  transfer,
  changeMembers,
  compact,
  compact,
];

class Run {
  readonly random: Random;
  readonly cluster: VirtualCluster;
  /** No leader stays long: what one has begun, another has to settle (thesis fig. 3.7). */
  private readonly isCoup: boolean;
  private made = 0;
  private unseated = 0;

  constructor(seed: number, sabotage: Sabotage) {
    this.random = new Random(seed);
    this.isCoup = this.random.chance(0.4);
    const founders = EVERYBODY.slice(0, this.isCoup ? 5 : 3 + this.random.below(3));
    this.cluster = new VirtualCluster(this.random, founders, EVERYBODY, sabotage, this.isCoup);
    const { quality } = this.cluster;
    quality.drop = this.random.pick([0, 0.02, 0.1]);
    quality.double = this.random.pick([0, 0.1]);
    quality.late = this.random.pick([0, 0.02, 0.1]);
    quality.syncMs = this.random.pick([1, 5, 25]);
  }

  trouble(): void {
    this.every(this.random.between(5, 20), () => this.propose());
    this.every(this.random.between(5, 20), () => this.read());
    if (this.isCoup) this.every(5, () => this.unseat());
    else this.every(this.random.between(40, 200), () => this.random.pick(ACTIONS)(this));
    this.every(80, () => compact(this));
    this.cluster.queue.runUntil(TROUBLE_MS);
  }

  /** Everything works again: a leader is found, commits, and all members come to have the same. */
  peace(): void {
    const { cluster } = this;
    Object.assign(cluster.quality, { drop: 0, double: 0, late: 0, delayMs: 3, syncMs: 2 });
    cluster.cut.clear();
    for (const member of cluster.members) {
      member.pausedUntilMs = 0;
      if (member.node === undefined) cluster.start(member);
    }
    this.every(50, () => this.propose());
    const before = cluster.checks.maxCommitted;
    let unrest: string | undefined = 'nothing was tried';
    for (let waited = 0; waited < PEACE_MS && unrest !== undefined; waited += PEACE_STEP_MS) {
      cluster.queue.runUntil(cluster.queue.nowMs + PEACE_STEP_MS);
      unrest = this.whyUneasy(before);
    }
    must(unrest === undefined, `${unrest} although everything works`);
  }

  private whyUneasy(before: number): string | undefined {
    const leader = this.newestLeader();
    if (leader === undefined) return 'nobody leads';
    if (this.cluster.checks.maxCommitted <= before) return 'nothing is committed';
    const { configuration, commit } = leader.node!.status;
    const late = membersOf(configuration).find((id) => this.member(id).node!.status.commit < commit - 3);
    return late === undefined ? undefined : `${late} is behind`;
  }

  /** Leaves a new leader with few to talk to, then none, then everybody: what it began is left in all stages. */
  private unseat(): void {
    const { cluster, random } = this;
    const leader = this.newestLeader();
    if (leader === undefined || leader.node!.status.term === this.unseated) return;
    this.unseated = leader.node!.status.term;
    const few = random.pick([0, 1, 2]);
    const others = EVERYBODY.filter((id) => id !== leader.id);
    const friends = Array.from({ length: few }, () => random.pick(others));
    const isLeft = random.between(0, 120);
    isolate(this, leader.id, isLeft, friends);
    cluster.queue.after(isLeft, () => isolate(this, leader.id, random.between(50, 400)));
  }

  /** Any node that thinks it leads is asked, the wrong one too. */
  withLeader(action: (member: Member) => void): void {
    const { leaders } = this.cluster;
    if (leaders.length > 0) action(this.random.pick(leaders));
  }

  someone(): Member {
    return this.random.pick(this.cluster.members);
  }

  member(id: number): Member {
    return this.cluster.members.find((member) => member.id === id)!;
  }

  private newestLeader(): Member | undefined {
    return this.cluster.leaders.sort((a, b) => b.node!.status.term - a.node!.status.term)[0];
  }

  private propose(): void {
    this.withLeader((member) => {
      if (member.pausedUntilMs > this.cluster.queue.nowMs) return;
      for (let count = this.random.pick([1, 1, 1, 6]); count > 0; count--) {
        const writer = new ByteWriter();
        writer.u32(++this.made);
        this.cluster.touch(member, (node) => node.propose(writer.toBytes(), 1));
      }
    });
  }

  private read(): void {
    const context = ++this.made;
    this.withLeader((member) => {
      if (member.pausedUntilMs > this.cluster.queue.nowMs) return;
      this.cluster.checks.onReadAsked(context);
      this.cluster.touch(member, (node) => node.read(context, this.random.chance(0.5) ? 'lease' : 'quorum'));
    });
  }

  private every(intervalMs: number, action: () => void): void {
    const { queue } = this.cluster;
    const end = queue.nowMs < TROUBLE_MS ? TROUBLE_MS : Infinity;
    const again = (): void => {
      if (queue.nowMs >= end) return;
      action();
      queue.after(this.random.between(0.5, 1.5) * intervalMs, again);
    };
    queue.after(intervalMs, again);
  }
}

export function runSeed(seed: number, sabotage: Sabotage = {}): RunResult {
  const run = new Run(seed, sabotage);
  let problem: string | undefined;
  try {
    run.trouble();
    run.peace();
  } catch (error) {
    if (!(error instanceof SafetyViolation || error instanceof AssertionError)) throw error;
    problem = error.message;
  }
  const { checks, queue, members } = run.cluster;
  const nodes = members.flatMap(({ node }) => (node === undefined ? [] : [node]));
  return {
    seed,
    problem,
    atMs: queue.nowMs,
    committed: checks.maxCommitted,
    reads: checks.reads,
    terms: Math.max(...nodes.map(({ status }) => status.term)),
    snapshots: nodes.reduce((sum, { counters }) => sum + counters.snapshotsInstalled, 0),
  };
}

function crash({ cluster, random }: Run, member = random.pick(cluster.members)): void {
  cluster.crash(member);
  cluster.queue.after(random.between(5, 500), () => {
    if (member.node === undefined) cluster.start(member);
  });
}

function cutLinks({ cluster, random }: Run, links: readonly number[], forMs = random.between(30, 600)): void {
  if (cluster.queue.nowMs >= TROUBLE_MS) return;
  for (const link of links) cluster.cut.add(link);
  cluster.queue.after(forMs, () => {
    for (const link of links) cluster.cut.delete(link);
  });
}

function isolate(run: Run, id: number, forMs?: number, friends: readonly number[] = []): void {
  const others = EVERYBODY.filter((other) => !friends.includes(other));
  cutLinks(
    run,
    others.flatMap((other) => [id * 100 + other, other * 100 + id]),
    forMs,
  );
}

function cutOff(run: Run): void {
  const { id } = run.random.chance(0.5) ? (run.cluster.leaders[0] ?? run.someone()) : run.someone();
  isolate(run, id);
}

function split(run: Run): void {
  const left = EVERYBODY.filter(() => run.random.chance(0.5));
  const right = EVERYBODY.filter((id) => !left.includes(id));
  cutLinks(
    run,
    left.flatMap((a) => right.flatMap((b) => [a * 100 + b, b * 100 + a])),
  );
}

function oneWay(run: Run): void {
  const { id } = run.someone();
  const isDeaf = run.random.chance(0.5);
  cutLinks(
    run,
    EVERYBODY.map((other) => (isDeaf ? other * 100 + id : id * 100 + other)),
  );
}

function pause(run: Run): void {
  run.someone().pausedUntilMs = run.cluster.queue.nowMs + run.random.between(20, 400);
}

function transfer(run: Run): void {
  run.withLeader((member) => {
    const to = run.random.chance(0.5) ? 0 : run.random.pick(EVERYBODY);
    run.cluster.touch(member, (node) => node.transferLeadership(to));
  });
}

function changeMembers(run: Run): void {
  const { random } = run;
  const kinds = ['add-voter', 'add-voter', 'add-learner', 'remove'] as const;
  const ids = EVERYBODY.filter(() => random.chance(0.3));
  const changes = ids.map((id): MemberChange => ({ kind: random.pick(kinds), id }));
  run.withLeader((member) => run.cluster.touch(member, (node) => node.changeMembers(changes, random.chance(0.3))));
}

function compact(run: Run): void {
  run.cluster.compact(run.someone(), run.random.below(8));
}
