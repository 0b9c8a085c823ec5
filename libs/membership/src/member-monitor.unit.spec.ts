/** The monitor in small clusters whose heartbeats, probes and clock a spec moves. */
import { MemberMonitor, type JudgedMember, type Judgement } from './member-monitor.js';
import { DEFAULT_MEMBERSHIP_OPTIONS, membershipFaults, type MembershipOptions } from './options.js';
import type { ProbeRound } from './probe-round.js';

const TICK_MS = 100;
const INTERVAL_MS = 500;

/** Who hears whom: the coordinator hears those not in `unheard`, probes reach those not in `dead`. */
class Cluster {
  readonly monitor: MemberMonitor;
  readonly unheard = new Set<string>();
  readonly dead = new Set<string>();
  nowMs = 0;
  log: { readonly atMs: number; readonly judgement: Judgement }[] = [];
  private members: readonly JudgedMember[];

  constructor(storageNodes: number, options: Partial<MembershipOptions> = {}, gateways = 1) {
    let drawn = 1;
    const rng = { nextU32: () => (drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0) };
    this.monitor = new MemberMonitor({ ...DEFAULT_MEMBERSHIP_OPTIONS, ...options }, rng);
    const member = (nodeId: string, isStorageNode: boolean): JudgedMember => {
      return { nodeId, incarnation: 1, isStorageNode, canProbe: isStorageNode, standing: 'up' };
    };
    this.members = [
      ...Array.from({ length: storageNodes }, (_, i) => member(`s${i + 1}`, true)),
      ...Array.from({ length: gateways }, (_, i) => member(`g${i + 1}`, false)),
    ];
    this.follow();
    this.run(10_000);
    expect(this.log).toEqual([]);
  }

  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += TICK_MS;
      this.hear();
      this.tick();
    }
  }

  tick(): void {
    for (const judgement of this.monitor.judge(this.members, this.nowMs)) {
      this.log.push({ atMs: this.nowMs, judgement });
      if (judgement.type === 'probe') this.probe(judgement.round);
      else this.change(judgement.nodeId, judgement.type);
    }
  }

  standing(nodeId: string): string | undefined {
    return this.members.find((member) => member.nodeId === nodeId)?.standing;
  }

  set(nodeId: string, standing: JudgedMember['standing']): void {
    this.members = this.members.map((member) => (member.nodeId === nodeId ? { ...member, standing } : member));
  }

  remove(nodeId: string): void {
    this.members = this.members.filter((member) => member.nodeId !== nodeId);
    this.follow();
  }

  types(): string[] {
    return this.log.map(({ judgement }) => judgement.type);
  }

  get hearsMajority(): boolean {
    return this.monitor.hearsMajority(this.members, this.nowMs);
  }

  private follow(): void {
    this.monitor.follow(new Set(this.members.map(({ nodeId }) => nodeId)), this.nowMs);
  }

  /** Each member has its own phase. */
  private hear(): void {
    this.members.forEach(({ nodeId, standing }, i) => {
      if ((this.nowMs + i * TICK_MS) % INTERVAL_MS !== 0 || this.unheard.has(nodeId) || this.dead.has(nodeId)) return;
      this.monitor.heard(nodeId, this.nowMs);
      if (standing !== 'up' && this.monitor.heldMs(nodeId, this.nowMs) === 0) this.set(nodeId, 'up');
    });
  }

  private change(nodeId: string, standing: 'suspect' | 'down'): void {
    this.set(nodeId, standing);
    this.monitor.flapped(nodeId, standing === 'down' ? 'down' : 'suspected', this.nowMs);
  }

  private probe(round: ProbeRound): void {
    round.pinged(!this.unheard.has(round.target) && !this.dead.has(round.target));
    for (const peer of round.peers) if (!this.unheard.has(peer)) round.answered(peer, !this.dead.has(round.target));
  }
}

describe('MemberMonitor', () => {
  it('suspects a silent member, has it probed, and declares it down once its peers confirm', () => {
    const cluster = new Cluster(3);
    cluster.dead.add('s2');
    cluster.run(3_000);
    expect(cluster.types()).toEqual(['suspect', 'probe', 'down']);
    const { atMs, judgement } = cluster.log[2];
    expect(judgement).toMatchObject({ nodeId: 's2', confirmedByPeers: true });
    expect(atMs - 10_000).toBeLessThanOrEqual(DEFAULT_MEMBERSHIP_OPTIONS.suspectAfterMs + 2 * TICK_MS);
    expect(cluster.log[1].judgement).toMatchObject({ round: { target: 's2', incarnation: 1 } });
    expect(cluster.monitor.counters.probes.silent).toBe(1);
  });

  it('never declares down whom peers can hear, and never asks gateways', () => {
    const cluster = new Cluster(4);
    cluster.unheard.add('s2');
    cluster.run(60_000);
    expect(cluster.standing('s2')).toBe('suspect');
    expect(new Set(cluster.types())).toEqual(new Set(['suspect', 'probe']));
    for (const { judgement } of cluster.log) {
      if (judgement.type === 'probe') expect(judgement.round.peers.toSorted()).toEqual(['s1', 's3', 's4']);
    }
    cluster.dead.add('s2');
    cluster.run(3_000);
    expect(cluster.standing('s2')).toBe('down');
  });

  it('waits longer where nobody can confirm', () => {
    const cluster = new Cluster(1);
    cluster.dead.add('s1');
    cluster.run(4_000);
    const down = cluster.log.find(({ judgement }) => judgement.type === 'down');
    expect(down?.judgement).toMatchObject({ nodeId: 's1', confirmedByPeers: false });
    expect((down?.atMs ?? 0) - 10_000).toBeGreaterThanOrEqual(DEFAULT_MEMBERSHIP_OPTIONS.downAfterMs - INTERVAL_MS);
    expect(cluster.monitor.counters.probes).toMatchObject({ silent: 0, alive: 0 });
  });

  it('does not take the word of peers while it hears no majority of the storage nodes itself', () => {
    const cluster = new Cluster(3, {}, 4);
    expect(cluster.hearsMajority).toBe(true);
    cluster.set('s3', 'down');
    cluster.dead.add('s3').add('s2');
    cluster.run(2_500);
    expect(cluster.hearsMajority).toBe(false);
    expect(cluster.standing('s2')).toBe('suspect');
    cluster.run(1_500);
    expect(cluster.standing('s2')).toBe('down');
  });

  it('counts storage nodes that left as none', () => {
    const cluster = new Cluster(3);
    cluster.set('s1', 'left');
    cluster.set('s2', 'left');
    expect(cluster.hearsMajority).toBe(true);
    cluster.set('s3', 'left');
    expect(cluster.hearsMajority).toBe(false);
  });

  it('starts afresh where most fell silent at once, and believes it the second time', () => {
    const cluster = new Cluster(3);
    for (const nodeId of ['s1', 's2', 's3']) cluster.dead.add(nodeId);
    cluster.run(3_000);
    expect(cluster.types()).not.toContain('down');
    expect(cluster.monitor.counters.outages).toBe(1);
    cluster.run(3_000);
    expect(['s1', 's2', 's3'].map((nodeId) => cluster.standing(nodeId))).toEqual(['down', 'down', 'down']);
    expect(cluster.standing('g1')).toBe('up');
  });

  it('declares nobody down after an outage of the bus that ends', () => {
    const cluster = new Cluster(5);
    for (const nodeId of ['s1', 's2', 's3', 's4', 's5', 'g1']) cluster.unheard.add(nodeId);
    cluster.run(2_000);
    cluster.unheard.clear();
    cluster.run(10_000);
    expect(cluster.types()).not.toContain('down');
    expect(cluster.standing('s1')).toBe('up');
  });

  it('counts no silence of a time in which it did not run itself', () => {
    const cluster = new Cluster(3);
    cluster.nowMs += 60_000;
    cluster.tick();
    cluster.run(3_000);
    expect(cluster.log).toEqual([]);
  });

  it('is lenient for as long as it was told to start afresh', () => {
    const cluster = new Cluster(3);
    cluster.dead.add('s1');
    cluster.run(1_300);
    cluster.monitor.startAfresh(cluster.nowMs);
    expect(cluster.monitor.silentMs('s1', cluster.nowMs)).toBe(0);
    cluster.run(900);
    expect(cluster.types()).not.toContain('down');
    cluster.run(1_000);
    expect(cluster.standing('s1')).toBe('down');
  });

  it('holds a member that comes and goes, so that it changes the table ever less often', () => {
    const cluster = new Cluster(3, { flapHalfLifeMs: 20_000 });
    const cycles = 30;
    let longestHoldMs = 0;
    for (let i = 0; i < cycles; i++) {
      cluster.dead.add('s2');
      cluster.run(3_000);
      longestHoldMs = Math.max(longestHoldMs, cluster.monitor.heldMs('s2', cluster.nowMs));
      cluster.dead.delete('s2');
      cluster.run(3_000);
    }
    expect(cluster.types().filter((type) => type === 'down').length).toBeLessThan(cycles / 2);
    expect(longestHoldMs).toBeGreaterThan(20_000);
    expect(cluster.monitor.counters.holds).toBeGreaterThan(1);
    cluster.run(100_000);
    expect(cluster.standing('s2')).toBe('up');
  });

  it('follows new settings from the next look on', () => {
    const cluster = new Cluster(1);
    cluster.monitor.tune({ suspectAfterMs: 5_000, downAfterMs: 10_000, phiThreshold: 100 });
    cluster.dead.add('s1');
    cluster.run(2_000);
    expect(cluster.log).toEqual([]);
    cluster.monitor.tune({ phiThreshold: 8 });
    cluster.run(100);
    expect(cluster.types()).toContain('suspect');
    expect(cluster.monitor.phi('s1', cluster.nowMs)).toBeGreaterThan(8);
  });

  it('forgets members that are no longer watched', () => {
    const cluster = new Cluster(3);
    for (let i = 0; i < 9; i++) cluster.monitor.flapped('s1', 'down', cluster.nowMs);
    cluster.dead.add('s1');
    cluster.run(1_300);
    cluster.remove('s1');
    expect([cluster.monitor.phi('s1', 99_999), cluster.monitor.heldMs('s1', cluster.nowMs)]).toEqual([0, 0]);
    cluster.monitor.flapped('s1', 'down', cluster.nowMs);
    expect(cluster.monitor.counters.holds).toBe(1);
  });

  it('refuses settings that cannot work together, and names them', () => {
    const rng = { nextU32: () => 0 };
    const bad = { ...DEFAULT_MEMBERSHIP_OPTIONS, suspectAfterMs: 400, probePeers: 1.5 };
    expect(membershipFaults(bad)).toEqual([
      'suspectAfterMs 400: must be more than intervalMs, which is 500',
      'probePeers 1.5: must be an integer from 0 to 16',
    ]);
    expect(() => new MemberMonitor(bad, rng)).toThrow('suspectAfterMs 400');
    expect(membershipFaults(DEFAULT_MEMBERSHIP_OPTIONS)).toEqual([]);
  });
});
