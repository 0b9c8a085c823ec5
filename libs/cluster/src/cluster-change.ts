/** What people and their tools change while a cluster runs: stores, and settings of all nodes. */
import type { StoreChanges, StoreDefinition } from './store-definition.js';

export type ClusterChange =
  | { readonly type: 'CreateStore'; readonly definition: StoreDefinition }
  | { readonly type: 'AlterStore'; readonly name: string; readonly changes: StoreChanges }
  /** Its entries go with it. */
  | { readonly type: 'DropStore'; readonly name: string }
  /** The coordinator knows no settings: whoever asks has checked path and value. */
  | { readonly type: 'ChangeSetting'; readonly path: string; readonly value: string }
  | { readonly type: 'ResetSetting'; readonly path: string };

/**
 * Why a change is refused: it is itself at fault, there is a store of that name already, there is none, a bound has
 * been reached, the coordinator can change nothing at present, or too few coordinators are there to agree on anything.
 */
export const REFUSAL_CODES = ['invalid', 'exists', 'unknown', 'full', 'unavailable', 'no-quorum'] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

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
