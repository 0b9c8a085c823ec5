/** The monitor in random lives of a cluster: what it must never do, and what it must do in the end. */
import fc from 'fast-check';
import { MemberMonitor, type JudgedMember } from './member-monitor.js';
import { DEFAULT_MEMBERSHIP_OPTIONS } from './options.js';
import type { ProbeRound } from './probe-round.js';

const { intervalMs, suspectAfterMs, downAfterMs, flapHalfLifeMs } = DEFAULT_MEMBERSHIP_OPTIONS;
const TICK_MS = 100;
const NAMES = ['s1', 's2', 's3', 's4', 'g1'];
/** Suspicion once more after an outage of the bus that was none, and the longest hold. */
const SETTLED_MS = 2 * downAfterMs + intervalMs;
const RETURNED_MS = 4 * flapHalfLifeMs + intervalMs + TICK_MS;

/** For a while some members are dead, some cannot be heard by the monitor, and its process may pause first. */
interface Phase {
  readonly ticks: number;
  readonly dead: number;
  readonly unheard: number;
  readonly pauseMs: number;
}

const mask = fc.oneof(fc.constant(0), fc.nat(2 ** NAMES.length - 1));
const phase: fc.Arbitrary<Phase> = fc.record({
  ticks: fc.integer({ min: 1, max: 60 }),
  dead: mask,
  unheard: mask,
  pauseMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(10_000) }),
});

class Life {
  private nowMs = 0;
  /** When the last long pause was over: silence before that could not be heard. */
  private resumedMs = 0;
  private readonly monitor: MemberMonitor;
  private readonly standings = new Map<string, JudgedMember['standing']>();
  /** When each was last heard, by a heartbeat or through a probe. */
  private readonly signsMs = new Map<string, number>();
  private readonly heartbeatsMs = new Map<string, number>();

  constructor() {
    let drawn = 7;
    const rng = { nextU32: () => (drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0) };
    this.monitor = new MemberMonitor(DEFAULT_MEMBERSHIP_OPTIONS, rng);
    this.monitor.follow(new Set(NAMES), 0);
    for (const name of NAMES) this.standings.set(name, 'up');
  }

  run({ ticks, dead, unheard, pauseMs }: Phase): void {
    this.nowMs += pauseMs;
    if (pauseMs > 2 * intervalMs) this.resumedMs = this.nowMs;
    for (let i = 0; i < ticks; i++) {
      this.nowMs += TICK_MS;
      NAMES.forEach((name, n) => {
        if ((i + n) % (intervalMs / TICK_MS) === 0 && !has(dead, name) && !has(unheard, name)) this.hear(name);
      });
      this.judge(dead, unheard);
    }
  }

  standing(name: string): string | undefined {
    return this.standings.get(name);
  }

  private hear(name: string): void {
    this.monitor.heard(name, this.nowMs);
    this.signsMs.set(name, this.nowMs);
    this.heartbeatsMs.set(name, this.nowMs);
    if (this.monitor.heldMs(name, this.nowMs) === 0) this.standings.set(name, 'up');
  }

  private judge(dead: number, unheard: number): void {
    const members = NAMES.map((nodeId): JudgedMember => {
      const isStorageNode = nodeId !== 'g1';
      const standing = this.standings.get(nodeId) ?? 'left';
      return { nodeId, incarnation: 1, isStorageNode, canProbe: isStorageNode, standing };
    });
    for (const judgement of this.monitor.judge(members, this.nowMs)) {
      if (judgement.type === 'probe') {
        this.probe(judgement.round, dead, unheard);
        continue;
      }
      const { nodeId, type } = judgement;
      const silentMs = this.nowMs - Math.max(this.resumedMs, this.signsMs.get(nodeId) ?? 0);
      if (type === 'down') {
        const heardMs = Math.max(this.resumedMs, this.heartbeatsMs.get(nodeId) ?? 0);
        expect(this.nowMs - heardMs).toBeGreaterThanOrEqual(suspectAfterMs);
        if (judgement.confirmedByPeers) expect(this.monitor.hearsMajority(members, this.nowMs)).toBe(true);
        else expect(silentMs).toBeGreaterThanOrEqual(downAfterMs - TICK_MS);
      } else {
        expect(silentMs).toBeGreaterThan(2 * intervalMs);
      }
      this.standings.set(nodeId, type);
      this.monitor.flapped(nodeId, type === 'down' ? 'down' : 'suspected', this.nowMs);
    }
  }

  private probe(round: ProbeRound, dead: number, unheard: number): void {
    const isAlive = !has(dead, round.target);
    const isHeard = isAlive && !has(unheard, round.target);
    round.pinged(isHeard);
    for (const peer of round.peers) if (!has(dead, peer) && !has(unheard, peer)) round.answered(peer, isAlive);
    if (round.outcome(this.nowMs) === 'alive') this.signsMs.set(round.target, this.nowMs);
  }
}

function has(bits: number, name: string): boolean {
  return ((bits >> NAMES.indexOf(name)) & 1) === 1;
}

describe('MemberMonitor in random lives', () => {
  it('suspects and declares down only with reason, and in the end knows who is dead and who is not', () => {
    fc.assert(
      fc.property(fc.array(phase, { maxLength: 12 }), fc.nat(2 ** NAMES.length - 1), (phases, dead) => {
        const life = new Life();
        for (const each of phases) life.run(each);
        life.run({ ticks: (SETTLED_MS + RETURNED_MS) / TICK_MS, dead, unheard: 0, pauseMs: 0 });
        for (const name of NAMES) expect([name, life.standing(name)]).toEqual([name, has(dead, name) ? 'down' : 'up']);
      }),
      { numRuns: 150 },
    );
  });

  it('never declares down whom peers hear, however long it cannot hear them itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.integer({ min: 50, max: 600 }), (name, ticks) => {
        const life = new Life();
        life.run({ ticks: 50, dead: 0, unheard: 0, pauseMs: 0 });
        life.run({ ticks, dead: 0, unheard: 1 << NAMES.indexOf(name), pauseMs: 0 });
        expect(life.standing(name)).toBe('suspect');
      }),
      { numRuns: 30 },
    );
  });
});
