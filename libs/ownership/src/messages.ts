/**
 * What nodes say to each other about ownership, in batches: one frame (libs/wire) for many partitions. The payload begins
 * with format version u8 and the sender's node id (length u8, ASCII), RENEW and GRANTED go on with round u32, then come
 * count u16 and so many records. All numbers are little-endian and unsigned.
 */
import type { Position } from './shard-log.js';

export const OWNERSHIP_VERSION = 1;

interface Asked {
  readonly partition: number;
  /** The epoch that was asked for, from 1. */
  readonly epoch: number;
}

interface Answered extends Asked {
  /** The epoch that the owner has sealed: the one that was asked for, or a later one, which refuses it. */
  readonly sealedEpoch: number;
}

/** partition u16, epoch u32 */
export type SealRequest = Asked;
/** partition u16, epoch u32, sealed epoch u32, last record's epoch u32 and sequence u64 (zeros in a refusal) */
export interface SealAnswer extends Answered {
  readonly last: Position;
}
/** partition u16, epoch u32 */
export type RenewRequest = Asked;
/** partition u16, epoch u32, sealed epoch u32 */
export type RenewAnswer = Answered;

export type OwnershipMessage =
  | { readonly type: 'seal'; readonly from: string; readonly records: readonly SealRequest[] }
  | { readonly type: 'sealed'; readonly from: string; readonly records: readonly SealAnswer[] }
  | { readonly type: 'renew'; readonly from: string; readonly round: number; readonly records: readonly RenewRequest[] }
  | {
      readonly type: 'granted';
      readonly from: string;
      readonly round: number;
      readonly records: readonly RenewAnswer[];
    };

export type OwnershipMessageType = OwnershipMessage['type'];
