export { MEMBERSHIP_BOUNDS } from './bounds.js';
export { FLAP_LIMITS, type Flap } from './flap-damping.js';
export { MemberMonitor, type JudgedMember, type Judgement, type MonitorCounters } from './member-monitor.js';
export {
  DEFAULT_DETECTOR_OPTIONS,
  DEFAULT_MEMBERSHIP_OPTIONS,
  membershipFaults,
  type DetectorOptions,
  type MembershipOptions,
  type MembershipTuning,
} from './options.js';
export { ProbeRound, type ProbeOutcome } from './probe-round.js';
export type { RandomNumbers } from './probe-rounds.js';
