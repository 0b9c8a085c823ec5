/**
 * Every subject that HyperCache uses, in one place. All begin with `hc.<cluster>.v1`, so that clusters share one NATS
 * and a later version of the protocol can live beside this one.
 */
export interface Subjects {
  /** Members announce themselves and their state; everybody may listen. */
  readonly heartbeat: string;
  /** The coordinator publishes the cluster table whenever it changes, and now and then. */
  readonly table: string;
  /** Request: the current cluster table. */
  readonly tableRequest: string;
  /** Request: a storage node reports that a partition has been copied to its new owner. */
  readonly moveFinished: string;
  /** Request: a storage node reports epochs that it serves under, or has failed to begin. */
  readonly epochReports: string;
  /** Request: a gateway asks the coordinator to change stores or settings. */
  readonly change: string;
  /** Request: the cluster events that coordinators remember. */
  readonly events: string;
  /** A member leaves on purpose. */
  readonly leave: string;
  /** Raft messages for one coordinator, by its id in the group; a coordinator that is refused hears here why. */
  raft(raftId: number): string;
  raftRefusal(raftId: number): string;
  /** Cluster events, `<prefix>.<EventName>`; `clusterEvents` subscribes to all. */
  readonly clusterEvents: string;
  clusterEvent(name: string): string;
  /** Operations for one storage node (data connection). */
  operations(nodeId: string): string;
  /** Replies to one gateway; `link` tells which link and frame a "no responders" notice belongs to. */
  replies(gatewayId: string, link: string): string;
  /** What a gateway subscribes to for its replies. */
  allReplies(gatewayId: string): string;
  /** Request: whether a member is alive. */
  ping(nodeId: string): string;
  /** Request: a member pings another one, and tells whether it answered. */
  probe(nodeId: string): string;
  /** Partition copies from other storage nodes (data connection). */
  moves(nodeId: string): string;
}

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

/** Names of clusters and nodes are single subject tokens. */
export function isSubjectToken(name: string): boolean {
  return TOKEN.test(name);
}

export function subjectsOf(cluster: string): Subjects {
  if (!isSubjectToken(cluster)) {
    throw new RangeError(`cluster name "${cluster}": use 1 to 64 letters, digits, "-" and "_"`);
  }
  const prefix = `hc.${cluster}.v1`;
  return {
    heartbeat: `${prefix}.ctl.heartbeat`,
    table: `${prefix}.ctl.table`,
    tableRequest: `${prefix}.ctl.table.get`,
    moveFinished: `${prefix}.ctl.move.finished`,
    epochReports: `${prefix}.ctl.epochs`,
    change: `${prefix}.ctl.change`,
    events: `${prefix}.ctl.events`,
    leave: `${prefix}.ctl.leave`,
    raft: (raftId) => `${prefix}.raft.${raftId}`,
    raftRefusal: (raftId) => `${prefix}.raft.${raftId}.refused`,
    clusterEvents: `${prefix}.ev.>`,
    clusterEvent: (name) => `${prefix}.ev.${name}`,
    operations: (nodeId) => `${prefix}.op.${nodeId}`,
    replies: (gatewayId, link) => `${prefix}.re.${gatewayId}.${link}`,
    allReplies: (gatewayId) => `${prefix}.re.${gatewayId}.>`,
    ping: (nodeId) => `${prefix}.node.${nodeId}.ping`,
    probe: (nodeId) => `${prefix}.node.${nodeId}.probe`,
    moves: (nodeId) => `${prefix}.mv.${nodeId}`,
  };
}
