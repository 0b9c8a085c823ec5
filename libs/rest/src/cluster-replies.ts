/** The cluster as REST shows it, made of the gateway's own table: no request goes to a coordinator for it. */
import {
  NO_NODE,
  replicationReport,
  type EventsReply as RememberedEvents,
  type ReplicationReport,
  type RoutingTable,
} from '#libs/cluster';
import type { ClusterNodeView, ClusterView, MoveView, NodeReport } from '#libs/commands';

export interface NodeReply {
  readonly id: string;
  readonly role: string;
  readonly state: string;
  /** The node that answers this request. */
  readonly self: boolean;
  /** A port is null where the node does not listen, or where it is not known. */
  readonly address: {
    readonly host: string;
    readonly resp_port: number | null;
    readonly http_port: number | null;
    readonly admin_port: number | null;
  };
  /** Partitions that it is the primary of. */
  readonly partitions: number;
  /** Partitions that it owns, as primary or not. */
  readonly copies?: number;
  readonly zone?: string;
  readonly weight?: number;
  readonly version?: string;
  /** Of nodes whose heartbeats have been heard here: memory of its stores, 0 where it holds no data. */
  readonly capacity_bytes?: number;
  /** What its release can do beyond the cluster's feature level. */
  readonly capabilities?: readonly string[];
}

export interface ClusterReply {
  readonly id: string;
  readonly mode: string;
  /** `ok` where every partition is served. */
  readonly state: string;
  readonly table_version: number;
  readonly epoch: number;
  readonly partitions: {
    readonly total: number;
    readonly served: number;
    readonly unserved: number;
    readonly moving: number;
    /** With fewer owners that are there than stores ask for. */
    readonly under_replicated: number;
    /** Whose owners have changed, and that are not served with them yet. */
    readonly changing_owners: number;
  };
  readonly copies: {
    readonly wanted: number;
    readonly possible: number;
    /** Why there cannot be as many as wanted. */
    readonly shortage: string | null;
  };
  readonly nodes: readonly NodeReply[];
  /** Node ids that are configured as members and have never joined. */
  readonly absent: readonly string[];
}

export interface PartitionReply {
  readonly partition: number;
  readonly epoch: number;
  /** The node that operations are sent to; null where none is reachable. */
  readonly primary: string | null;
  /** Every owner at its place: a store of n copies uses the first n. */
  readonly owners: readonly string[];
  /** The owners before they changed last, until the partition is served with the present ones. */
  readonly outgoing: readonly string[];
  readonly moving_to: string | null;
  /** The owner whose place that node takes; null where it gets one of its own, or nothing moves. */
  readonly replaces: string | null;
}

export interface MoveReply {
  readonly partition: number;
  readonly from: string;
  readonly to: string;
  readonly replaces: string | null;
  readonly bytes: number;
  /** When this gateway first heard of it. */
  readonly since: string;
  readonly state: string;
}

export interface EventsReply {
  /** Index of the oldest event that is remembered; 0 where there is none. */
  readonly first_index: number;
  readonly last_index: number;
  readonly events: readonly {
    readonly index: number;
    readonly time: string;
    readonly name: string;
    readonly fields: Readonly<Record<string, string>>;
  }[];
}

/** Undefined where the table has no such node. */
export function nodeReply(view: ClusterView, routing: RoutingTable, nodeId: string): NodeReply | undefined {
  const index = routing.nodeIndexOf(nodeId);
  return index === NO_NODE ? undefined : tableNode(index, routing, view);
}

export function moveReply({ partition, source, target, replaces, bytesCopied, sinceMs, state }: MoveView): MoveReply {
  return {
    partition,
    from: source,
    to: target,
    replaces: replaces === '' ? null : replaces,
    bytes: bytesCopied,
    since: new Date(sinceMs).toISOString(),
    state,
  };
}

export function eventsReply({ firstIndex, lastIndex, notices }: RememberedEvents): EventsReply {
  return {
    first_index: firstIndex,
    last_index: lastIndex,
    events: notices.map(({ index, atMs, name, fields }) => ({
      index,
      time: new Date(atMs).toISOString(),
      name,
      fields,
    })),
  };
}

export function clusterReply(view: ClusterView, routing: RoutingTable | undefined): ClusterReply {
  const total = view.partitionCount;
  const served = routing === undefined ? 0 : countOf(routing.servingOf, (node) => node !== NO_NODE);
  const moving = routing === undefined ? 0 : countOf(routing.movingTo, (node) => node !== NO_NODE);
  const report = routing === undefined ? NO_REPORT : replicationReport(routing.table);
  const { wanted, possible, shortage = null, underReplicated, changing } = report;
  return {
    id: view.clusterId,
    mode: view.mode,
    state: view.state,
    table_version: view.tableVersion,
    epoch: view.currentEpoch,
    partitions: {
      total,
      served,
      unserved: total - served,
      moving,
      under_replicated: underReplicated,
      changing_owners: changing,
    },
    copies: { wanted, possible, shortage },
    nodes:
      routing === undefined
        ? view.nodes.map(viewedNode)
        : routing.nodes.map((_, index) => tableNode(index, routing, view)),
    absent: view.absent.map(({ id }) => id),
  };
}

export function partitionReplies(routing: RoutingTable): PartitionReply[] {
  const nameOf = (index: number): string => routing.nodes[index].nodeId;
  return Array.from({ length: routing.partitionCount }, (_, partition) => {
    const serving = routing.servingOf[partition];
    const { movingTo, movingFrom, outgoing } = routing.table.partitions[partition];
    return {
      partition,
      epoch: routing.epochOf[partition],
      primary: serving === NO_NODE ? null : nameOf(serving),
      owners: routing.ownersOf(partition).map(nameOf),
      outgoing: outgoing.map(nameOf),
      moving_to: movingTo === NO_NODE ? null : nameOf(movingTo),
      replaces: movingFrom === NO_NODE ? null : nameOf(movingFrom),
    };
  });
}

function tableNode(index: number, routing: RoutingTable, view: ClusterView): NodeReply {
  const node = routing.nodes[index];
  const owned = routing.table.partitions.filter(({ owners }) => owners.includes(index));
  const { host, respPort, httpPort, adminPort } = node.endpoints;
  return {
    id: node.nodeId,
    role: node.role,
    state: node.status,
    self: node.nodeId === view.self.id,
    address: { host, resp_port: portOf(respPort), http_port: portOf(httpPort), admin_port: portOf(adminPort) },
    partitions: routing.partitionsOf(index).length,
    copies: owned.length,
    zone: node.zone,
    weight: node.weight,
    version: node.softwareVersion,
    ...reported(view.reportOf(node.nodeId)),
  };
}

/** Before there is a table. */
const NO_REPORT: ReplicationReport = {
  wanted: 1,
  possible: 1,
  shortage: undefined,
  underReplicated: 0,
  changing: 0,
};

function reported(report: NodeReport | undefined): Pick<NodeReply, 'capacity_bytes' | 'capabilities'> {
  return report === undefined ? {} : { capacity_bytes: report.capacityBytes, capabilities: report.capabilities };
}

function viewedNode(node: ClusterNodeView): NodeReply {
  return {
    id: node.id,
    role: node.role,
    state: node.state,
    self: node.isSelf,
    address: { host: node.host, resp_port: portOf(node.respPort), http_port: null, admin_port: null },
    partitions: node.partitionCount,
  };
}

function portOf(port: number): number | null {
  return port === 0 ? null : port;
}

function countOf(values: Int16Array, matches: (value: number) => boolean): number {
  let count = 0;
  for (const value of values) if (matches(value)) count++;
  return count;
}
