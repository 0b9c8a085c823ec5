/**
 * Who of a cluster's members has failed, from heartbeats, probes and time alone. It suspects a member whose silence is
 * improbable (phi accrual), has suspected ones probed through peers (SWIM), and declares down whom they cannot hear
 * either, or who has answered nobody for long. Silence that could not have been heard counts for nothing: after a pause
 * of this process, and where most members fell silent at once, everybody starts afresh.
 */
import { assert } from '#libs/kernel';
import { FlapDamping, type Flap } from './flap-damping.js';
import { membershipFaults, type MembershipOptions, type MembershipTuning } from './options.js';
import { OutageGuard } from './outage-guard.js';
import { PhiDetector } from './phi-detector.js';
import type { ProbeOutcome, ProbeRound } from './probe-round.js';
import { ProbeRounds, type RandomNumbers } from './probe-rounds.js';

/** A member as the cluster's table has it. */
export interface JudgedMember {
  readonly nodeId: string;
  readonly incarnation: number;
  readonly isStorageNode: boolean;
  /** Whether it answers probes of others; only those that are up are asked. */
  readonly canProbe: boolean;
  readonly standing: 'up' | 'suspect' | 'down' | 'left';
}

/** What follows; the caller carries it out, and what it did not is said again the next time. */
export type Judgement =
  | { readonly type: 'suspect'; readonly nodeId: string; readonly phi: number; readonly silentMs: number }
  | { readonly type: 'down'; readonly nodeId: string; readonly silentMs: number; readonly confirmedByPeers: boolean }
  /** Ping the target and ask the peers; tell the round what they say. */
  | { readonly type: 'probe'; readonly round: ProbeRound };

/** Totals since the start. */
export interface MonitorCounters {
  readonly probes: Readonly<Record<ProbeOutcome, number>>;
  readonly holds: number;
  readonly outages: number;
}

/** What is known of a member beyond its heartbeats. */
interface Suspicion {
  /** When a probe heard it last, or heartbeats began anew. */
  aliveAtMs: number;
  nextRoundMs: number;
  /** The last round's peers could not hear it either. */
  isConfirmed: boolean;
}

/** Judgements that are further apart than this many intervals mean that this process paused. */
const LONGEST_GAP_INTERVALS = 1.25;

export class MemberMonitor {
  private readonly options: MembershipOptions;
  private readonly detector: PhiDetector;
  private readonly damping: FlapDamping;
  private readonly rounds: ProbeRounds;
  private readonly guard: OutageGuard;
  private readonly suspicions = new Map<string, Suspicion>();
  private judgedAtMs = -Infinity;

  constructor(options: MembershipOptions, rng: RandomNumbers) {
    const settings = { ...options };
    const faults = membershipFaults(settings);
    assert(faults.length === 0, faults.join('; '));
    this.options = settings;
    this.detector = new PhiDetector(settings);
    this.damping = new FlapDamping(settings);
    this.rounds = new ProbeRounds(settings, rng);
    this.guard = new OutageGuard(settings.intervalMs);
  }

  /** Counts from the next judgement on; the caller has checked that the settings fit together. */
  tune(tuning: MembershipTuning): void {
    Object.assign(this.options, tuning);
  }

  /** Watches exactly these members; those that are new count as heard now. */
  follow(nodeIds: ReadonlySet<string>, nowMs: number): void {
    for (const nodeId of nodeIds) if (!this.detector.isWatched(nodeId)) this.detector.watch(nodeId, nowMs);
    for (const nodeId of this.detector.watched()) if (!nodeIds.has(nodeId)) this.forget(nodeId);
  }

  /** A heartbeat of a member has come. */
  heard(nodeId: string, nowMs: number): void {
    this.detector.heard(nodeId, nowMs);
    if (!this.suspicions.delete(nodeId)) return;
    this.rounds.cancel(nodeId);
  }

  /** The cluster has changed a member for the worse: it returns later the more often that happens. */
  flapped(nodeId: string, flap: Flap, nowMs: number): void {
    if (this.detector.isWatched(nodeId)) this.damping.flapped(nodeId, flap, nowMs);
  }

  /** For how long the member must not count as up again, since it comes and goes; 0 where it may. */
  heldMs(nodeId: string, nowMs: number): number {
    return this.damping.heldMs(nodeId, nowMs);
  }

  /** Everybody counts as heard now: silence until then could not have been heard. */
  startAfresh(nowMs: number): void {
    this.detector.startAfresh(nowMs);
    this.rounds.cancelAll();
    this.suspicions.clear();
  }

  phi(nodeId: string, nowMs: number): number {
    return this.detector.phi(nodeId, nowMs);
  }

  /** Since the last heartbeat; 0 for a member that is not watched. */
  silentMs(nodeId: string, nowMs: number): number {
    return this.detector.silentMs(nodeId, nowMs);
  }

  get counters(): MonitorCounters {
    return { probes: this.rounds.outcomes, holds: this.damping.holds, outages: this.guard.outages };
  }

  /**
   * Whether a majority of the storage nodes that have not left keeps its rhythm. Without one nothing must be promoted:
   * this process may be the one that is cut off.
   */
  hearsMajority(members: readonly JudgedMember[], nowMs: number): boolean {
    const storageNodes = members.filter(({ isStorageNode, standing }) => isStorageNode && standing !== 'left');
    const heard = storageNodes.filter(
      ({ nodeId }) => this.detector.isHeard(nodeId) && !this.isSuspicious(nodeId, nowMs),
    );
    return heard.length * 2 > storageNodes.length;
  }

  /** Looks after everybody; to be called several times per interval while the bus is there. */
  judge(members: readonly JudgedMember[], nowMs: number): readonly Judgement[] {
    if (nowMs - this.judgedAtMs > LONGEST_GAP_INTERVALS * this.options.intervalMs) this.startAfresh(nowMs);
    this.judgedAtMs = nowMs;
    const inUse = members.filter(({ standing }) => standing === 'up' || standing === 'suspect');
    const silent = inUse.filter(({ nodeId }) => this.isSuspicious(nodeId, nowMs));
    if (this.isOutage(inUse, silent, nowMs)) {
      this.startAfresh(nowMs);
      return [];
    }
    this.rounds.ended(nowMs, (round, outcome) => this.onRoundEnded(round.target, outcome, nowMs));
    if (silent.length === 0) return [];
    const isSafe = this.hearsMajority(members, nowMs);
    return silent.flatMap((member) => this.judgeSilent(member, members, isSafe, nowMs));
  }

  private judgeSilent(
    member: JudgedMember,
    members: readonly JudgedMember[],
    hearsMajority: boolean,
    nowMs: number,
  ): Judgement[] {
    const { nodeId, standing } = member;
    const { suspectAfterMs, downAfterMs } = this.options;
    const silentMs = this.detector.silentMs(nodeId, nowMs);
    const suspicion = this.suspicionOf(nodeId);
    const confirmedByPeers = suspicion.isConfirmed && hearsMajority && silentMs >= suspectAfterMs;
    if (confirmedByPeers || Math.min(silentMs, nowMs - suspicion.aliveAtMs) >= downAfterMs) {
      return [{ type: 'down', nodeId, silentMs, confirmedByPeers }];
    }
    const judgements: Judgement[] = [];
    if (standing === 'up') judgements.push({ type: 'suspect', nodeId, phi: this.phi(nodeId, nowMs), silentMs });
    const round = nowMs >= suspicion.nextRoundMs ? this.beginRound(member, members, nowMs) : undefined;
    if (round !== undefined) judgements.push({ type: 'probe', round });
    return judgements;
  }

  private beginRound(target: JudgedMember, members: readonly JudgedMember[], nowMs: number): ProbeRound | undefined {
    const peers = members.filter(
      ({ nodeId, canProbe, standing }) =>
        canProbe && standing === 'up' && nodeId !== target.nodeId && !this.isSuspicious(nodeId, nowMs),
    );
    const ids = peers.map(({ nodeId }) => nodeId);
    return this.rounds.begin(target.nodeId, target.incarnation, ids, nowMs);
  }

  private onRoundEnded(nodeId: string, outcome: ProbeOutcome, nowMs: number): void {
    const suspicion = this.suspicionOf(nodeId);
    suspicion.nextRoundMs = nowMs + this.options.intervalMs;
    suspicion.isConfirmed = outcome === 'silent';
    if (outcome === 'alive') suspicion.aliveAtMs = nowMs;
  }

  private isOutage(inUse: readonly JudgedMember[], silent: readonly JudgedMember[], nowMs: number): boolean {
    const silentIds = new Set(silent.map(({ nodeId }) => nodeId));
    const heard = inUse.filter(({ nodeId }) => this.detector.isHeard(nodeId) && !silentIds.has(nodeId));
    const silentSinceMs = silent.map(({ nodeId }) => nowMs - this.detector.silentMs(nodeId, nowMs));
    return this.guard.isOutage(inUse.length, heard.length, silentSinceMs);
  }

  private isSuspicious(nodeId: string, nowMs: number): boolean {
    const { phiThreshold, suspectAfterMs } = this.options;
    return this.detector.silentMs(nodeId, nowMs) >= suspectAfterMs || this.detector.phi(nodeId, nowMs) >= phiThreshold;
  }

  private suspicionOf(nodeId: string): Suspicion {
    const known = this.suspicions.get(nodeId);
    if (known !== undefined) return known;
    const fresh = { aliveAtMs: -Infinity, nextRoundMs: -Infinity, isConfirmed: false };
    this.suspicions.set(nodeId, fresh);
    return fresh;
  }

  private forget(nodeId: string): void {
    this.detector.forget(nodeId);
    this.damping.forget(nodeId);
    this.rounds.cancel(nodeId);
    this.suspicions.delete(nodeId);
  }
}
