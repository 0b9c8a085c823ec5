import type { ClusterEvent, ClusterFormed } from './cluster-event.js';
import type { ClusterChange, RefusalCode } from './cluster-change.js';
import type { TableNode } from './cluster-table.js';
import type { EpochReports, MoveFinished } from './requests.js';

/** What a coordinator is asked to do to the cluster; see `decide`. */
export type ClusterCommand =
  | ({ readonly type: 'FormCluster' } & Omit<ClusterFormed, 'type'>)
  /** A member that is ready has been heard; its status in `node` is `up`. */
  | ({ readonly type: 'Announce'; readonly node: TableNode } & MayPromote)
  | { readonly type: 'Suspect'; readonly nodeId: string }
  | ({ readonly type: 'DeclareDown'; readonly nodeId: string } & MayPromote)
  | ({ readonly type: 'Leave'; readonly nodeId: string; readonly incarnation: number } & MayPromote)
  /** Promotes owners whose primary is gone, where that was not permitted at the time. */
  | { readonly type: 'FailOver' }
  | { readonly type: 'Forget'; readonly nodeId: string }
  /** The process itself asks for it, because it is about to stop. */
  | { readonly type: 'Drain'; readonly nodeId: string; readonly incarnation: number }
  /** `replaces`: the owner whose place the target is to take, empty for none; the primary's where it is left out. */
  | { readonly type: 'StartMove'; readonly partition: number; readonly target: string; readonly replaces?: string }
  | { readonly type: 'FinishMove'; readonly report: MoveFinished }
  | { readonly type: 'AbortMove'; readonly partition: number; readonly moveId: number; readonly reason: string }
  | { readonly type: 'RemoveOwner'; readonly partition: number; readonly nodeId: string }
  /** Back to where the placement has the primary; counts only in that epoch, as long as nothing else changes. */
  | { readonly type: 'HandBack'; readonly partition: number; readonly epoch: number; readonly primary: string }
  /** The epoch's candidate could not begin. Another one is tried, those in `tried` last: the first of them first. */
  | {
      readonly type: 'RetryPromotion';
      readonly partition: number;
      readonly epoch: number;
      readonly tried: readonly string[];
    }
  | { readonly type: 'ReportServed'; readonly reports: EpochReports }
  /** Carries out all changes, or none. A request id that has been carried out before has nothing left to do. */
  | ({ readonly type: 'Change'; readonly requestId: string; readonly changes: readonly ClusterChange[] } & Enrolled);

interface Enrolled {
  /**
   * Node ids that have a place among the coordinators. The table has each of them only from its first sign of readiness
   * on; one that never gives it can be forgotten all the same.
   */
  readonly coordinators?: ReadonlySet<string>;
}

interface MayPromote {
  /**
   * Whether partitions whose primary goes get another one at once. Not where the coordinator does not hear most of the
   * storage nodes: it may be the one that is cut off.
   */
  readonly promotes?: boolean;
}

/** Either the events that carry the command out (none where nothing is left to do), or why it is refused. */
export type Decision = { readonly ok: true; readonly events: readonly ClusterEvent[] } | Refusal;

export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  /** Of refused changes. */
  readonly code?: RefusalCode;
}
