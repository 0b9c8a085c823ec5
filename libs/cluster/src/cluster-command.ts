import type { ClusterEvent, ClusterFormed } from './cluster-event.js';
import type { ClusterChange, RefusalCode } from './cluster-change.js';
import type { TableNode } from './cluster-table.js';
import type { MoveFinished } from './requests.js';

/** What a coordinator is asked to do to the cluster; see `decide`. */
export type ClusterCommand =
  | ({ readonly type: 'FormCluster' } & Omit<ClusterFormed, 'type'>)
  /** A member that is ready has been heard; its status in `node` is `up`. */
  | { readonly type: 'Announce'; readonly node: TableNode }
  | { readonly type: 'Suspect'; readonly nodeId: string }
  | { readonly type: 'DeclareDown'; readonly nodeId: string }
  | { readonly type: 'Leave'; readonly nodeId: string; readonly incarnation: number }
  | { readonly type: 'Forget'; readonly nodeId: string }
  /** The process itself asks for it, because it is about to stop. */
  | { readonly type: 'Drain'; readonly nodeId: string; readonly incarnation: number }
  | { readonly type: 'StartMove'; readonly partition: number; readonly target: string }
  | { readonly type: 'FinishMove'; readonly report: MoveFinished }
  | { readonly type: 'AbortMove'; readonly partition: number; readonly moveId: number; readonly reason: string }
  /** Carries out all changes, or none. A request id that has been carried out before has nothing left to do. */
  | ({ readonly type: 'Change'; readonly requestId: string; readonly changes: readonly ClusterChange[] } & Enrolled);

interface Enrolled {
  /**
   * Node ids that have a place among the coordinators. The table has each of them only from its first sign of readiness
   * on; one that never gives it can be forgotten all the same.
   */
  readonly coordinators?: ReadonlySet<string>;
}

/** Either the events that carry the command out (none where nothing is left to do), or why it is refused. */
export type Decision = { readonly ok: true; readonly events: readonly ClusterEvent[] } | Refusal;

export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  /** Of refused changes. */
  readonly code?: RefusalCode;
}
