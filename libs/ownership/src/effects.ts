import type { SealRecord } from './lease-grantor.js';
import type { StopReason } from './promotion.js';

/** What the host is to do. Frames may get lost, late, doubled or out of order; the rest may not. */
export type OwnershipEffect =
  | { readonly kind: 'send'; readonly to: string; readonly frame: Uint8Array }
  /** Make these durable, then hand the same list to `onSealsSaved`. Later lists supersede earlier ones, per partition. */
  | { readonly kind: 'save'; readonly seals: readonly SealRecord[] }
  /** This node is primary now: it may execute operations of the partition. */
  | { readonly kind: 'serve'; readonly partition: number; readonly epoch: number }
  /** It is neither primary nor candidate any more, and executes nothing of the partition from now on. */
  | { readonly kind: 'stop'; readonly partition: number; readonly epoch: number; readonly reason: StopReason };
