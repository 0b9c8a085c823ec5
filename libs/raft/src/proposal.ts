import type { NodeId } from './configuration.js';

export type RefusalReason =
  /** `leader` says who would take it, where that is known. */
  | 'not-leader'
  /** Leadership is being handed over. */
  | 'transferring'
  /** Too much is uncommitted, or too many reads wait; try again. */
  | 'busy'
  | 'too-large'
  /** The leader has not committed an entry of its term yet; try again. */
  | 'not-ready'
  /** The change of members before this one is not finished; try again. */
  | 'change-pending'
  /** `problem` says why it can never be. */
  | 'invalid';

export interface Refusal {
  readonly ok: false;
  readonly reason: RefusalReason;
  readonly leader: NodeId;
  readonly problem?: string;
}

/** The entry will be committed at this place with this term, or never. */
export interface Accepted {
  readonly ok: true;
  readonly index: number;
  readonly term: number;
}

export type Proposal = Accepted | Refusal;
export type Acknowledgement = { readonly ok: true } | Refusal;
