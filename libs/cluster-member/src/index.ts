export { ClusterMember, type ClusterMemberHost, type ClusterMemberOptions } from './cluster-member.js';
export { drawIncarnation } from './incarnation.js';
export { ProbeResponder, type ProbeCounters, type ProbedSelf } from './probe-responder.js';
export { Prober } from './prober.js';
