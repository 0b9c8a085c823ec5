/** The rounds of probes under way: at most one per member, and few in total. */
import { MEMBERSHIP_BOUNDS } from './bounds.js';
import { ProbeRound, type ProbeOutcome } from './probe-round.js';

/** Where random numbers come from: uniform 32-bit unsigned integers. */
export interface RandomNumbers {
  nextU32(): number;
}

export interface ProbeOptions {
  readonly probePeers: number;
  readonly probeTimeoutMs: number;
}

/** One time for the target's answer to a peer, one for the ways between prober and peer. */
const TIMEOUTS_PER_ROUND = 2;

export class ProbeRounds {
  /** Rounds ended, by outcome, since the start. */
  readonly outcomes: Record<ProbeOutcome, number> = { alive: 0, silent: 0, unknown: 0 };
  private readonly rounds = new Map<string, ProbeRound>();

  constructor(
    private readonly options: ProbeOptions,
    private readonly rng: RandomNumbers,
  ) {}

  isUnderWay(target: string): boolean {
    return this.rounds.has(target);
  }

  /** Begins a round through some of the `candidates`; undefined where as many are under way as may be. */
  begin(target: string, incarnation: number, candidates: readonly string[], nowMs: number): ProbeRound | undefined {
    if (this.rounds.size >= MEMBERSHIP_BOUNDS.maxRounds || this.rounds.has(target)) return undefined;
    const { probePeers, probeTimeoutMs } = this.options;
    const peers = drawn(candidates, probePeers, this.rng);
    const round = new ProbeRound(target, incarnation, peers, nowMs + TIMEOUTS_PER_ROUND * probeTimeoutMs);
    this.rounds.set(target, round);
    return round;
  }

  /** Ends what is decided or overdue. */
  ended(nowMs: number, onEnded: (round: ProbeRound, outcome: ProbeOutcome) => void): void {
    for (const round of this.rounds.values()) {
      const outcome = round.outcome(nowMs);
      if (outcome === undefined) continue;
      this.rounds.delete(round.target);
      this.outcomes[outcome]++;
      onEnded(round, outcome);
    }
  }

  /** Gives a round up: its outcome no longer matters. */
  cancel(target: string): void {
    this.rounds.delete(target);
  }

  cancelAll(): void {
    this.rounds.clear();
  }
}

/** So many of them at random, all where there are fewer (the first steps of Fisher and Yates's shuffle). */
function drawn(candidates: readonly string[], count: number, rng: RandomNumbers): string[] {
  const pool = [...candidates];
  const wanted = Math.min(count, pool.length);
  for (let i = 0; i < wanted; i++) {
    const other = i + (rng.nextU32() % (pool.length - i));
    [pool[i], pool[other]] = [pool[other], pool[i]];
  }
  return pool.slice(0, wanted);
}
