/** What people and their tools change while a cluster runs: stores, settings of all nodes, and who owns what. */
import type { StoreChanges, StoreDefinition } from './store-definition.js';

export type ClusterChange =
  | { readonly type: 'CreateStore'; readonly definition: StoreDefinition }
  | { readonly type: 'AlterStore'; readonly name: string; readonly changes: StoreChanges }
  /** Its entries go with it. */
  | { readonly type: 'DropStore'; readonly name: string }
  /** The coordinator knows no settings: whoever asks has checked path and value. */
  | { readonly type: 'ChangeSetting'; readonly path: string; readonly value: string }
  | { readonly type: 'ResetSetting'; readonly path: string }
  | NodeChange;

/** Changes of who owns what. Their effects take time: an accepted one has begun. */
export type NodeChange =
  /** The storage node hands all its partitions over and gets none. */
  | { readonly type: 'DrainNode'; readonly nodeId: string }
  | { readonly type: 'UndrainNode'; readonly nodeId: string }
  /** Strikes a member that is gone, and will not come back, off the table; others have all that it owns. */
  | { readonly type: 'ForgetNode'; readonly nodeId: string }
  /** Gives one partition another primary, with a copy where it has none; an empty target leaves the choice to the coordinator. */
  | { readonly type: 'MovePrimary'; readonly partition: number; readonly target: string }
  /** Looks at once where partitions should be, and moves them there. */
  | { readonly type: 'Rebalance' }
  /** Ends moves under way, of one node or (empty) of all, and begins no others until a `Rebalance`. */
  | { readonly type: 'CancelMoves'; readonly nodeId: string };

/**
 * Why a change is refused: it is itself at fault, there is a store of that name already, there is none, a bound has
 * been reached, the coordinator can change nothing at present, too few coordinators are there to agree on anything, there
 * is no such node, or the cluster is not in a state for it.
 */
export const REFUSAL_CODES = [
  'invalid',
  'exists',
  'unknown',
  'full',
  'unavailable',
  'no-quorum',
  'unknown-node',
  'conflict',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** How long nobody may lead before coordinators refuse a request for it (`no-quorum`). Who asks waits for longer. */
export const NO_QUORUM_AFTER_MS = 500;

/** Asks a coordinator for changes: all of them or none. */
export interface ChangeRequest {
  readonly clusterId: string;
  /** Drawn at random once and kept over repetitions: a request that was carried out is not carried out again. */
  readonly requestId: string;
  readonly changes: readonly ClusterChange[];
}

/** `accepted`: durable, and part of every table from `tableVersion` on. */
export type ChangeReply =
  | { readonly accepted: true; readonly tableVersion: number }
  | { readonly accepted: false; readonly code: RefusalCode; readonly reason: string };

/**
 * What whoever asked for changes hears. `unavailable`: nothing was changed, and the same may be asked again. `timeout`:
 * nobody can say whether it was.
 */
export type ChangeOutcome =
  | { readonly ok: true; readonly tableVersion: number }
  | { readonly ok: false; readonly code: RefusalCode | 'timeout'; readonly reason: string };
