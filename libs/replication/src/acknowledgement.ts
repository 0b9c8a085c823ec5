/**
 * What a replica answers: REPLICATE of kind ACKNOWLEDGED, behind the link's header (replicate-format.ts):
 *
 * | offset | field |
 * |---|---|
 * | 24 | durable 64 bits: all frames up to this one are durable, in the groups that are not refused |
 * | 32 | received 64 bits: all frames up to this one have arrived |
 * | 40 | flags u8: 1 what follows is missing, send it again; 2 short of memory |
 * | 41 | count u16, then so many refusals |
 *
 * A refusal: frame 64 bits, partition u16, factor u8, reason u8, sealed epoch u32 (0 but for `sealed`), epoch u32 and
 * sequence 64 bits of the group's last record, 0 where there is none. In order of frames; all refusals up to `durable` are
 * in it that the primary has not said that it heard of, since an acknowledgement without them would claim too much.
 */
import { ByteWriter, DecodeError } from '#libs/kernel';
import type { Position } from '#libs/ownership';
import { REPLICATION_BOUNDS } from './bounds.js';
import { factorOf, partitionOf } from './group.js';
import { LINK_HEADER_BYTES, type LinkLife, REPLICATE_KINDS, writeLinkHeader } from './replicate-format.js';
import { openReplicate, readGroup } from './replicate-reader.js';

/** Why a replica takes nothing more of a group on this link, until the primary begins it anew. */
export const REFUSAL_REASONS = {
  /** It has sealed a later epoch. */
  sealed: 1,
  /** Its last record is another one than what came is to follow. */
  gap: 2,
  /** It has a part of a copy that nobody ends. */
  incomplete: 3,
  /** It is no owner as far as it knows. */
  notOwner: 4,
  noRoom: 5,
} as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[keyof typeof REFUSAL_REASONS];

export interface Refusal {
  /** From which frame on the group is not taken. */
  readonly frame: number;
  readonly group: number;
  readonly reason: RefusalReason;
  readonly sealedEpoch: number;
  /** The group's last record at the replica when it refused; durable when the refusal leaves. */
  readonly last: Position;
}

export interface Acknowledgement extends LinkLife {
  readonly durable: number;
  readonly received: number;
  readonly isResendWanted: boolean;
  readonly isPressed: boolean;
  readonly refusals: readonly Refusal[];
}

const RESEND = 1;
const PRESSED = 2;
const LAST_REASON = REFUSAL_REASONS.noRoom;

export function encodeAcknowledgement(writer: ByteWriter, acknowledgement: Acknowledgement): Uint8Array {
  const { durable, received, isResendWanted, isPressed, refusals } = acknowledgement;
  writer.reset();
  writer.reserve(LINK_HEADER_BYTES);
  writer.length = LINK_HEADER_BYTES;
  writer.u53(durable);
  writer.u53(received);
  writer.u8((isResendWanted ? RESEND : 0) | (isPressed ? PRESSED : 0));
  writer.u16(refusals.length);
  for (const refusal of refusals) writeRefusal(writer, refusal);
  writeLinkHeader(writer.buffer, writer.view, REPLICATE_KINDS.acknowledged, acknowledgement, writer.length);
  return writer.toBytes();
}

function writeRefusal(writer: ByteWriter, { frame, group, reason, sealedEpoch, last }: Refusal): void {
  writer.u53(frame);
  writer.u16(partitionOf(group));
  writer.u8(factorOf(group));
  writer.u8(reason);
  writer.u32(sealedEpoch);
  writer.u32(last.epoch);
  writer.u53(last.sequence);
}

export function decodeAcknowledgement(message: Uint8Array, partitionCount: number): Acknowledgement {
  const { kind, fields } = openReplicate(message);
  if (kind !== REPLICATE_KINDS.acknowledged) throw new DecodeError(`REPLICATE of kind ${kind} from a replica`);
  const incarnation = fields.u32();
  const generation = fields.u32();
  const session = fields.u32();
  if (session === 0) throw new DecodeError('session 0');
  const durable = fields.u53();
  const received = fields.u53();
  const flags = fields.u8();
  const count = fields.u16();
  if (durable > received) throw new DecodeError(`frame ${durable} is durable, and none after ${received} has arrived`);
  if (count > REPLICATION_BOUNDS.maxRefusals) throw new DecodeError(`${count} refusals`);
  const refusals: Refusal[] = [];
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const frame = fields.u53();
    if (frame === 0 || frame < previous || frame > durable) throw new DecodeError(`refusal of frame ${frame}`);
    previous = frame;
    const group = readGroup(fields, partitionCount);
    const reason = fields.u8();
    if (!isReason(reason)) throw new DecodeError(`refusal for reason ${reason}`);
    const sealedEpoch = fields.u32();
    refusals.push({ frame, group, reason, sealedEpoch, last: { epoch: fields.u32(), sequence: fields.u53() } });
  }
  if (fields.remaining > 0) throw new DecodeError(`${fields.remaining} bytes after the last refusal`);
  const isResendWanted = (flags & RESEND) !== 0;
  const isPressed = (flags & PRESSED) !== 0;
  return { incarnation, generation, session, durable, received, isResendWanted, isPressed, refusals };
}

function isReason(reason: number): reason is RefusalReason {
  return reason > 0 && reason <= LAST_REASON;
}
