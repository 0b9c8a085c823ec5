/** Clusters with a known bug: checks that do not find them are worth nothing. */
import type { Sabotage } from '../sim-machine.js';

export interface ClusterMutation {
  /** A fresh one for each life: some keep state. */
  readonly make: () => Sabotage;
}

export interface ClusterMutant extends ClusterMutation {
  readonly name: string;
  readonly tells: string;
}

export const HEALTHY: ClusterMutation = { make: () => ({}) };

export const CLUSTER_MUTANTS: readonly ClusterMutant[] = [];
