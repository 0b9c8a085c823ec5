/** Lives of whole clusters, as threads, results and the search for short histories want them. */
import type { LifeSuite } from '../lives/life-suite.js';
import { runClusterLife } from './cluster-life.js';
import { CLUSTER_MUTANTS, HEALTHY, type ClusterMutation } from './cluster-mutants.js';
import {
  CALM,
  type ClusterPlan,
  type ClusterStep,
  DEFAULT_SECONDS,
  drawClusterPlan,
  LEAST_SECONDS,
} from './cluster-plan.js';

type Size = 'clients' | 'gateways' | 'spareCoordinators' | 'lateStorageNodes' | 'storageNodes' | 'coordinators';

/** The least that a life may have of each. */
const LEAST: Readonly<Record<Size, number>> = {
  clients: 1,
  gateways: 1,
  spareCoordinators: 0,
  lateStorageNodes: 0,
  storageNodes: 1,
  coordinators: 3,
};

export const CLUSTER_SUITE: LifeSuite<ClusterPlan> = {
  name: 'cluster',
  tells: 'whole clusters of production hosts, with clients and operators, in virtual time',
  version: 2,
  defaultSeconds: DEFAULT_SECONDS,
  leastSeconds: LEAST_SECONDS,
  mutants: CLUSTER_MUTANTS,
  mostShrinkLives: 150,
  counts: {
    operations: 'operations',
    entries: 'entries committed',
    terms: 'terms',
    tables: 'tables',
    moves: 'moves',
    changes: 'changes acknowledged',
    replaced: 'coordinators replaced',
    snapshots: 'snapshots installed',
    undecided: 'keys not judged',
  },
  draw: (seed, seconds) => drawClusterPlan(seed, seconds),
  live: (plan, mutant, tell) =>
    runClusterLife(plan, { mutation: mutationOf(mutant), ...(tell !== undefined && { tell }) }),
  sizeOf: ({ coordinators, spareCoordinators, storageNodes, lateStorageNodes, gateways, clients, partitions }) =>
    `${coordinators}+${spareCoordinators} coordinators, ${storageNodes}+${lateStorageNodes} storage nodes, ${gateways} gateways, ${clients} clients, ${partitions} partitions`,
  simpler: () => [
    endsEarly,
    ...(Object.keys(LEAST) as Size[]).map(
      (size) => (plan: ClusterPlan) => (plan[size] > LEAST[size] ? { ...plan, [size]: plan[size] - 1 } : undefined),
    ),
    ...(['drop', 'double', 'late', 'hopMs', 'diskMs'] as const).map((key) => (plan: ClusterPlan) => calmer(plan, key)),
  ],
};

function mutationOf(name: string): ClusterMutation {
  return CLUSTER_MUTANTS.find((mutant) => mutant.name === name) ?? HEALTHY;
}

/** Everything is healed soon after the last step. */
function endsEarly(plan: ClusterPlan): ClusterPlan | undefined {
  const endMs = (plan.steps.at(-1)?.atMs ?? 0) + 500;
  return endMs < plan.endMs ? { ...plan, endMs } : undefined;
}

function calmer(plan: ClusterPlan, key: keyof typeof CALM): ClusterPlan | undefined {
  const isCalm = plan.steps.every((step) => step.kind !== 'weather' || step.weather[key] === CALM[key]);
  if (isCalm) return undefined;
  const calm = (step: ClusterStep): ClusterStep =>
    step.kind === 'weather' ? { ...step, weather: { ...step.weather, [key]: CALM[key] } } : step;
  return { ...plan, steps: plan.steps.map(calm) };
}
