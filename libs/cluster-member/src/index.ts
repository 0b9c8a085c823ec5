export { ClusterMember, type ClusterMemberHost, type ClusterMemberOptions } from './cluster-member.js';
export { drawIncarnation } from './incarnation.js';
