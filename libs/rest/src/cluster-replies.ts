/** The cluster as REST shows it, made of the gateway's own table: no request goes to a coordinator for it. */
import { NO_NODE, type EventsReply as RememberedEvents, type RoutingTable, type TableNode } from '#libs/cluster';
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
  /** Every owner, the primary first. */
  readonly owners: readonly string[];
  readonly moving_to: string | null;
}

export interface MoveReply {
  readonly partition: number;
  readonly from: string;
  readonly to: string;
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
  return index === NO_NODE ? undefined : tableNode(routing.nodes[index], routing.partitionsOf(index).length, view);
}

export function moveReply({ partition, source, target, bytesCopied, sinceMs, state }: MoveView): MoveReply {
  return { partition, from: source, to: target, bytes: bytesCopied, since: new Date(sinceMs).toISOString(), state };
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
  return {
    id: view.clusterId,
    mode: view.mode,
    state: view.state,
    table_version: view.tableVersion,
    epoch: view.currentEpoch,
    partitions: { total, served, unserved: total - served, moving },
    nodes:
      routing === undefined
        ? view.nodes.map(viewedNode)
        : routing.nodes.map((node, index) => tableNode(node, routing.partitionsOf(index).length, view)),
    absent: view.absent.map(({ id }) => id),
  };
}

export function partitionReplies(routing: RoutingTable): PartitionReply[] {
  const nameOf = (index: number): string => routing.nodes[index].nodeId;
  return Array.from({ length: routing.partitionCount }, (_, partition) => {
    const serving = routing.servingOf[partition];
    const movingTo = routing.movingTo[partition];
    return {
      partition,
      epoch: routing.epochOf[partition],
      primary: serving === NO_NODE ? null : nameOf(serving),
      owners: routing.ownersOf(partition).map(nameOf),
      moving_to: movingTo === NO_NODE ? null : nameOf(movingTo),
    };
  });
}

function tableNode(node: TableNode, partitions: number, view: ClusterView): NodeReply {
  const { host, respPort, httpPort, adminPort } = node.endpoints;
  return {
    id: node.nodeId,
    role: node.role,
    state: node.status,
    self: node.nodeId === view.self.id,
    address: { host, resp_port: portOf(respPort), http_port: portOf(httpPort), admin_port: portOf(adminPort) },
    partitions,
    zone: node.zone,
    weight: node.weight,
    version: node.softwareVersion,
    ...reported(view.reportOf(node.nodeId)),
  };
}

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
