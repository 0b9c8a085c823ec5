import { MEMBERSHIP_BOUNDS } from './bounds.js';

/** How failures are noticed. All but `intervalMs` may change while members are watched. */
export interface MembershipOptions {
  /** How often a member is expected to be heard. */
  readonly intervalMs: number;
  /** Silence after which a member is suspected whatever phi says, and before which it is never declared down. */
  readonly suspectAfterMs: number;
  /** Silence, of probes too, after which a member is declared down whatever peers say. */
  readonly downAfterMs: number;
  /** A member is suspected from this phi on: at 8, about one heartbeat in 10^7 comes so late by chance. */
  readonly phiThreshold: number;
  /** Intervals count as spread at least so much, however regular they were. */
  readonly minStdMs: number;
  /** Peers that are asked for a suspected member; 0: it is only pinged directly. */
  readonly probePeers: number;
  /** How long a probe waits for the suspected member's answer. */
  readonly probeTimeoutMs: number;
  /** In which time half of a member's penalty for having gone and come back is forgiven; 0: there is none. */
  readonly flapHalfLifeMs: number;
}

/** What may change at run time. */
export type MembershipTuning = Partial<Omit<MembershipOptions, 'intervalMs'>>;

/** The part that says how, and not when. */
export type DetectorOptions = Omit<MembershipOptions, 'intervalMs' | 'suspectAfterMs' | 'downAfterMs'>;

export const DEFAULT_DETECTOR_OPTIONS: DetectorOptions = {
  phiThreshold: 8,
  minStdMs: 100,
  probePeers: 3,
  probeTimeoutMs: 300,
  flapHalfLifeMs: 15_000,
};

export const DEFAULT_MEMBERSHIP_OPTIONS: MembershipOptions = {
  intervalMs: 500,
  suspectAfterMs: 1_500,
  downAfterMs: 3_000,
  ...DEFAULT_DETECTOR_OPTIONS,
};

/** Why options cannot work together, one line each; none where they can. */
export function membershipFaults(options: MembershipOptions): readonly string[] {
  const { intervalMs, suspectAfterMs, downAfterMs, phiThreshold, minStdMs, probePeers, probeTimeoutMs } = options;
  const { maxProbePeers } = MEMBERSHIP_BOUNDS;
  const rows: readonly (readonly [isRight: boolean, fault: string])[] = [
    [intervalMs > 0, `intervalMs ${intervalMs}: must be more than 0`],
    [
      suspectAfterMs > intervalMs,
      `suspectAfterMs ${suspectAfterMs}: must be more than intervalMs, which is ${intervalMs}`,
    ],
    [
      downAfterMs > suspectAfterMs,
      `downAfterMs ${downAfterMs}: must be more than suspectAfterMs, which is ${suspectAfterMs}`,
    ],
    [phiThreshold > 0 && phiThreshold <= 100, `phiThreshold ${phiThreshold}: must be more than 0 and at most 100`],
    [minStdMs > 0, `minStdMs ${minStdMs}: must be more than 0`],
    [
      Number.isInteger(probePeers) && probePeers >= 0 && probePeers <= maxProbePeers,
      `probePeers ${probePeers}: must be an integer from 0 to ${maxProbePeers}`,
    ],
    [probeTimeoutMs > 0, `probeTimeoutMs ${probeTimeoutMs}: must be more than 0`],
    [options.flapHalfLifeMs >= 0, `flapHalfLifeMs ${options.flapHalfLifeMs}: must be 0 or more`],
  ];
  return rows.flatMap(([isRight, fault]) => (isRight ? [] : [fault]));
}
