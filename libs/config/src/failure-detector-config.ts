import { CLUSTER_LIMITS } from '#libs/cluster';
import { DEFAULT_DETECTOR_OPTIONS, MEMBERSHIP_BOUNDS } from '#libs/membership';
import { IntegerSetting, MillisecondsSetting, NumberSetting } from './setting-types.js';

const DEFAULTS = DEFAULT_DETECTOR_OPTIONS;

/** How a coordinator tells members that have failed from those that are late; within the times of `cluster`. */
export class FailureDetectorConfig {
  @NumberSetting({
    doc: 'Suspicion (phi) from which on a node is suspected: -log10 of how likely a heartbeat comes so late.',
    min: 0.5,
    max: 100,
    runtime: true,
  })
  phiThreshold = DEFAULTS.phiThreshold;

  @MillisecondsSetting({
    doc: 'Heartbeats count as spread by at least this much, and by a quarter of their interval.',
    max: 60_000,
    runtime: true,
  })
  minStdMs = DEFAULTS.minStdMs;

  @IntegerSetting({
    doc: 'Storage nodes and coordinators that are asked to ping a suspected node.',
    min: 0,
    max: MEMBERSHIP_BOUNDS.maxProbePeers,
    runtime: true,
  })
  probePeers = DEFAULTS.probePeers;

  @MillisecondsSetting({
    doc: 'How long a ping of a suspected node waits for its answer.',
    max: CLUSTER_LIMITS.maxProbeTimeoutMs,
    runtime: true,
  })
  probeTimeoutMs = DEFAULTS.probeTimeoutMs;

  @MillisecondsSetting({
    doc: 'A node that comes and goes is held back before it counts as up again, ever longer, up to four times this; 0: never.',
    min: 0,
    max: 3_600_000,
    runtime: true,
  })
  flapHalfLifeMs = DEFAULTS.flapHalfLifeMs;
}
