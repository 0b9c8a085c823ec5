import type { ClusterTable } from './cluster-table.js';
import { RememberedRequests } from './remembered-requests.js';

/** What a coordinator knows for good: the result of all cluster events so far. Immutable. */
export interface ClusterState {
  /** How many events there have been. */
  readonly eventIndex: number;
  /** Undefined until a cluster has been formed. */
  readonly table: ClusterTable | undefined;
  /** By node id: processes that a later one has replaced, oldest first. They are never let back in. */
  readonly superseded: ReadonlyMap<string, readonly number[]>;
  /** The id that the last store got. The next one gets the next that is free, so that ids do not come back soon. */
  readonly lastStoreId: number;
  /** Nodes that are to own nothing, whatever their status is: true once they own nothing. */
  readonly draining: ReadonlyMap<string, boolean>;
  /** Only draining nodes' partitions are moved. */
  readonly rebalanceStopped: boolean;
  /** By request id: the table version that holds what was asked for. */
  readonly requests: RememberedRequests;
}

export const EMPTY_CLUSTER_STATE: ClusterState = {
  eventIndex: 0,
  table: undefined,
  superseded: new Map(),
  lastStoreId: 0,
  draining: new Map(),
  rebalanceStopped: false,
  requests: RememberedRequests.NONE,
};
