/** A cluster whose partitions have several owners, in events and commands. */
import type { ClusterCommand } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import { EMPTY_CLUSTER_STATE, type ClusterState } from './cluster-state.js';
import { NO_NODE, type ClusterTable, type TableNode } from './cluster-table.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { storeFromPreset } from './store-definition.js';

export const storageNode = (nodeId: string, incarnation = 1): TableNode => ({
  nodeId,
  role: 'storage-node',
  incarnation,
  softwareVersion: '1',
  endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight: 1,
  status: 'up',
  replicates: true,
});

/** Owners by their places in `ids`. */
export function formedWith(ids: readonly string[], owners: readonly (readonly number[])[], replicas = 3): ClusterState {
  return evolve(EMPTY_CLUSTER_STATE, {
    type: 'ClusterFormed',
    clusterId: 'c1',
    clusterName: 'test',
    hashSeed: 1,
    nodes: ids.map((id) => storageNode(id)),
    owners,
    stores: [{ id: 0, ...storeFromPreset('general', { name: 'default', replicas }) }],
  });
}

export const tableOf = ({ table }: ClusterState): ClusterTable => table as ClusterTable;

/** Refusals are not expected. */
export function after(state: ClusterState, ...commands: ClusterCommand[]): ClusterState {
  return commands.reduce((current, command) => {
    const decision = decide(current, command);
    if (!decision.ok) throw new Error(decision.reason);
    return decision.events.reduce(evolve, current);
  }, state);
}

export function eventsOf(state: ClusterState, command: ClusterCommand): readonly ClusterEvent[] {
  const decision = decide(state, command);
  return decision.ok ? decision.events : [];
}

/** Each event in a few words, or the refusal. */
export function outcome(state: ClusterState, command: ClusterCommand): string[] {
  const decision = decide(state, command);
  if (!decision.ok) return [`${decision.code ?? 'refused'}: ${decision.reason}`];
  return decision.events.map((event) => {
    const { type, ...fields } = event;
    const words = Object.entries(fields).filter(([name, value]) => name !== 'requestId' && typeof value !== 'object');
    return [type, ...words.map(([, value]) => value)].join(' ');
  });
}

/** A partition in words: epoch, owners with a star at the primary, then who is outgoing and who moves. */
export function shown(state: ClusterState, partition: number): string {
  const { nodes, partitions } = tableOf(state);
  const { epoch, owners, primary, outgoing, movingTo, movingFrom } = partitions[partition];
  const idOf = (index: number): string => (index === NO_NODE ? '-' : nodes[index].nodeId);
  const own = owners.map((owner) => idOf(owner) + (owner === primary ? '*' : '')).join(' ');
  const before = outgoing.length === 0 ? '' : ` (${outgoing.map(idOf).join(' ')})`;
  return `${epoch}: ${own}${before}${movingTo === NO_NODE ? '' : ` ${idOf(movingFrom)}>${idOf(movingTo)}`}`;
}

export const announce = (nodeId: string, incarnation = 1): ClusterCommand => ({
  type: 'Announce',
  node: storageNode(nodeId, incarnation),
  promotes: true,
});
export const down = (nodeId: string): ClusterCommand => ({ type: 'DeclareDown', nodeId, promotes: true });

/** The report of the move under way, as its source would send it. */
export function moved(state: ClusterState, partition: number, over: object = {}): ClusterCommand {
  const { nodes, partitions } = tableOf(state);
  const { epoch, moveId, primary, movingTo } = partitions[partition];
  const { nodeId: target, incarnation: targetIncarnation } = nodes[movingTo] ?? { nodeId: 'nobody', incarnation: 0 };
  const { nodeId: source, incarnation } = nodes[primary];
  const ends = { source, target, incarnation, targetIncarnation };
  const report = { clusterId: 'c1', partition, epoch, moveId, ...ends, ok: true, reason: '' };
  return { type: 'FinishMove', report: { ...report, ...over } };
}

/** The primary reports that it serves under the present epoch. */
export function served(state: ClusterState, ...partitions: number[]): ClusterCommand {
  const { nodes, partitions: all } = tableOf(state);
  const { nodeId, incarnation } = nodes[all[partitions[0]].primary];
  const epochs = partitions.map((partition) => ({ partition, epoch: all[partition].epoch }));
  return { type: 'ReportServed', reports: { clusterId: 'c1', nodeId, incarnation, served: epochs, failed: [] } };
}
