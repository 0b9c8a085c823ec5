/** The watch over members that answer real pings and probes, on a network that a spec can cut. */
import {
  type ClusterCommand,
  type ClusterTable,
  FEATURE_LEVEL,
  NO_STATS,
  settledPartition,
  type TableNode,
} from '#libs/cluster';
import { Prober, ProbeResponder } from '#libs/cluster-member';
import { DEFAULT_MEMBERSHIP_OPTIONS, MemberMonitor } from '#libs/membership';
import { CollectingLogger, ManualNetwork, SeededRng } from '#libs/test-ports';
import { subjectsOf } from '#libs/wire';
import { FailureWatch } from './failure-watch.js';
import { LimitedLog } from './limited-log.js';
import { MemberRegistry } from './member-registry.js';

const TICK_MS = 100;
const SUBJECTS = subjectsOf('t');
/** Of the coordinator's bus, which is the first one. */
const OWN_INBOX = '_INBOX.1.';
const ROLES = {
  c1: 'coordinator',
  c2: 'coordinator',
  s1: 'storage-node',
  s2: 'storage-node',
  s3: 'storage-node',
  g1: 'gateway',
} as const;
type Name = keyof typeof ROLES;
const NAMES = Object.keys(ROLES) as Name[];

/** The coordinator c1 and what it hears of the others. */
class World {
  readonly network = new ManualNetwork();
  readonly logger = new CollectingLogger();
  readonly commands: ClusterCommand[] = [];
  readonly unheard = new Set<Name>();
  /** Whether decisions are accepted. */
  accepts = true;
  readonly watch: FailureWatch;
  readonly monitor: MemberMonitor;
  private readonly registry: MemberRegistry;
  private readonly responders = new Map<Name, ProbeResponder>();
  private nodes: readonly TableNode[];

  constructor(private readonly capabilities: readonly string[] = ['probes']) {
    const { time } = this.network;
    const options = { nodeId: 'c1', failureDetector: DEFAULT_MEMBERSHIP_OPTIONS, suspectAfterMs: 1_500 };
    this.monitor = new MemberMonitor(DEFAULT_MEMBERSHIP_OPTIONS, new SeededRng());
    this.registry = new MemberRegistry(this.monitor);
    this.watch = new FailureWatch({
      options,
      monitor: this.monitor,
      registry: this.registry,
      prober: new Prober(this.network.bus(), 't'),
      log: new LimitedLog(this.logger, time),
      apply: (command) => this.apply(command),
    });
    this.nodes = NAMES.map((nodeId) => nodeOf(nodeId));
    for (const nodeId of NAMES) {
      const responder = new ProbeResponder(this.network.bus(), time, { cluster: 't', nodeId, incarnation: 1 });
      responder.start();
      this.responders.set(nodeId, responder);
    }
    this.registry.follow(this.table, time.monotonicMs());
    this.run(5_000);
    expect(this.commands).toEqual([]);
  }

  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.network.time.advance(TICK_MS);
      const nowMs = this.network.time.monotonicMs();
      if (Math.round(nowMs) % 500 === 0) for (const name of NAMES) if (!this.unheard.has(name)) this.beat(name, nowMs);
      this.watch.judge(this.table, nowMs);
      this.network.settle();
    }
  }

  /** The process ends. */
  kill(name: Name): void {
    this.responders.get(name)?.stop();
    this.unheard.add(name);
  }

  /** What was decided on members, as `type nodeId`. */
  get decided(): string[] {
    return this.commands.map((command) => `${command.type} ${'nodeId' in command ? command.nodeId : ''}`);
  }

  get asked(): string[] {
    const subjects = new Set(this.network.published.map(({ subject }) => subject));
    return NAMES.filter((name) => subjects.has(SUBJECTS.probe(name)));
  }

  get mayPromote(): boolean {
    return this.watch.mayPromote(this.table, this.nowMs);
  }

  get nowMs(): number {
    return this.network.time.monotonicMs();
  }

  private apply(command: ClusterCommand): { ok: boolean } {
    this.commands.push(command);
    if (!this.accepts) return { ok: false };
    const status = command.type === 'Suspect' ? 'suspect' : 'down';
    this.nodes = this.nodes.map((node) =>
      'nodeId' in command && node.nodeId === command.nodeId ? { ...node, status } : node,
    );
    return { ok: true };
  }

  private beat(nodeId: Name, nowMs: number): void {
    const { role, incarnation, endpoints } = nodeOf(nodeId);
    const rest = { softwareVersion: '1', zone: '', weight: 1, tableVersion: 1, clusterId: '', state: 'ready' as const };
    const { capabilities } = this;
    const identity = { featureLevel: FEATURE_LEVEL, cluster: 't', nodeId, role, incarnation, endpoints };
    this.registry.heard({ ...identity, ...rest, stats: NO_STATS, moves: [], capabilities }, nowMs);
  }

  private get table(): ClusterTable {
    const partitions = [settledPartition(1, [])];
    const names = { clusterId: 'id', clusterName: 't', hashSeed: 1, tableVersion: 1, featureLevel: FEATURE_LEVEL };
    return { ...names, partitions, nodes: this.nodes, stores: [], settings: [] };
  }
}

function nodeOf(nodeId: Name): TableNode {
  const endpoints = { host: nodeId, respPort: 0, httpPort: 0, adminPort: 0 };
  const role = ROLES[nodeId];
  return { nodeId, role, incarnation: 1, softwareVersion: '1', endpoints, zone: '', weight: 1, status: 'up' };
}

describe('FailureWatch', () => {
  it('suspects a process that has ended, and declares it down soon after, since its peers cannot reach it either', () => {
    const world = new World();
    world.kill('s2');
    world.run(1_700);
    expect(world.decided).toEqual(['Suspect s2', 'DeclareDown s2']);
    expect(world.asked).toEqual(['c2', 's1', 's3']);
    const { fields } = world.logger.lines.find(({ message }) => message === 'a member is down') ?? {};
    expect(fields).toMatchObject({ nodeId: 's2', details: { confirmedByPeers: true } });
  });

  it('keeps a member that it cannot hear, as long as peers can', () => {
    const world = new World();
    world.unheard.add('s2');
    const isOwnPing = (subject: string, replyTo = ''): boolean =>
      subject === SUBJECTS.ping('s2') && replyTo.startsWith(OWN_INBOX);
    world.network.rule = ({ subject, replyTo }) => (isOwnPing(subject, replyTo) ? 'drop' : 'deliver');
    world.run(30_000);
    expect(world.decided).toEqual(['Suspect s2']);
    expect(world.monitor.counters.probes.alive).toBeGreaterThan(10);
    expect(world.monitor.counters.probes.silent).toBe(0);
  });

  it('asks nobody whose release knows no probes, and then waits for the time of silence alone', () => {
    const world = new World([]);
    world.kill('s2');
    world.run(2_500);
    expect([world.decided, world.asked]).toEqual([['Suspect s2'], []]);
    world.run(1_000);
    expect(world.decided).toEqual(['Suspect s2', 'DeclareDown s2']);
  });

  it('says again what was not decided, and counts only what was', () => {
    const world = new World();
    world.accepts = false;
    world.kill('g1');
    world.run(2_500);
    expect(world.decided.filter((decided) => decided === 'Suspect g1').length).toBeGreaterThan(1);
    expect(world.logger.matching(/suspected/)).toEqual([]);
    expect(world.watch.isHeld('g1', world.nowMs)).toBe(false);
  });

  it('permits promotions where most storage nodes have been heard for a while', () => {
    const world = new World();
    expect(world.mayPromote).toBe(true);
    world.kill('s1');
    world.run(2_500);
    expect(world.mayPromote).toBe(true);
    expect(world.commands.at(-1)).toEqual({ type: 'DeclareDown', nodeId: 's1', promotes: true });
    world.kill('s2');
    world.run(6_000);
    expect(world.mayPromote).toBe(false);
    expect(world.commands.at(-1)).toEqual({ type: 'DeclareDown', nodeId: 's2', promotes: false });
    world.unheard.delete('s2');
    world.run(1_000);
    expect(world.mayPromote).toBe(false);
    world.run(2_000);
    expect(world.mayPromote).toBe(true);
  });

  it('does not judge itself', () => {
    const world = new World();
    world.unheard.add('c1');
    world.run(10_000);
    expect(world.decided).toEqual([]);
  });

  it('holds a member back that came and went too often', () => {
    const world = new World();
    for (let i = 0; i < 3; i++) {
      expect(world.watch.isHeld('s1', world.nowMs)).toBe(false);
      world.watch.replaced('s1', world.nowMs);
    }
    world.watch.replaced('s1', world.nowMs);
    expect(world.watch.isHeld('s1', world.nowMs)).toBe(true);
  });
});
