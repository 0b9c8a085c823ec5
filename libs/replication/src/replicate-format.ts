/**
 * REPLICATE frames, from a primary to a replica and back. Every kind begins alike:
 *
 * | offset | field |
 * |---|---|
 * | 10 | format version u8 |
 * | 11 | kind u8, see {@link REPLICATE_KINDS} |
 * | 12 | link's incarnation u32, drawn by the primary's process |
 * | 16 | generation u32: how often that process has begun the link anew |
 * | 20 | session u32, drawn by the replica for this life of the link; 0 in POKE before the replica has said it |
 *
 * and all but ACKNOWLEDGED, which acknowledgement.ts describes, go on:
 *
 * | offset | field |
 * |---|---|
 * | 24 | sequence of the frame 64 bits, from 1 in each generation; in POKE, which has none of its own, the last one sent |
 * | 32 | heard 64 bits: the primary knows what the replica said about frames up to this one |
 * | 40 | content |
 *
 * Contents. RECORDS: batches, each: time 64 bits (a hybrid logical clock: wall ms above 16 logical bits), bytes of the
 * records u32, records. RESUME: count u16, then per group partition u16, factor u8, epoch u32 of the primary, epoch u32 and
 * sequence 64 bits of the record after which others follow. COPY_BEGIN and COPY_END: one such group, without count.
 * COPY_RECORDS: partition u16, factor u8, batches. POKE: none.
 */
import { FRAME_TYPES, writeFrameHeader } from '#libs/wire';

export const REPLICATION_VERSION = 1;

export const REPLICATE_KINDS = {
  records: 1,
  resume: 2,
  copyBegin: 3,
  copyRecords: 4,
  copyEnd: 5,
  poke: 6,
  acknowledged: 7,
} as const;

/** Where the parts that both directions share end. */
export const LINK_HEADER_BYTES = 24;
export const REPLICATE_HEADER_BYTES = 40;
export const BATCH_HEADER_BYTES = 12;
/** Partition and factor, as they are in front of the batches of COPY_RECORDS. */
export const GROUP_BYTES = 3;

/**
 * One life of a link: nothing of an earlier one means anything in it. Each side has put a number of its own into it before the
 * first frame is taken, so that what is late from a process that is no more is told from what is new (as TCP's handshake does).
 */
export interface LinkLife {
  readonly incarnation: number;
  readonly generation: number;
  readonly session: number;
}

const SEQUENCE_AT = 24;
const HEARD_AT = 32;
const HIGH = 0x1_0000_0000;

export function writeLinkHeader(buffer: Uint8Array, view: DataView, kind: number, life: LinkLife, bytes: number): void {
  writeFrameHeader(buffer, FRAME_TYPES.REPLICATE, bytes);
  buffer[10] = REPLICATION_VERSION;
  buffer[11] = kind;
  view.setUint32(12, life.incarnation, true);
  view.setUint32(16, life.generation, true);
  view.setUint32(20, life.session, true);
}

/** Fills in the first {@link REPLICATE_HEADER_BYTES} of a frame that takes `bytes` in all. */
export function writeReplicateHeader(
  buffer: Uint8Array,
  view: DataView,
  kind: number,
  life: LinkLife,
  sequence: number,
  heard: number,
  bytes: number,
): void {
  writeLinkHeader(buffer, view, kind, life, bytes);
  writeU53(view, SEQUENCE_AT, sequence);
  writeU53(view, HEARD_AT, heard);
}

/** In front of the records of a batch. `wallMs` below 2^48, `logical` below 2^16. */
export function writeBatchHeader(view: DataView, at: number, wallMs: number, logical: number, bytes: number): void {
  view.setUint16(at, logical, true);
  view.setUint16(at + 2, wallMs % 0x1_0000, true);
  view.setUint32(at + 4, Math.floor(wallMs / 0x1_0000), true);
  view.setUint32(at + 8, bytes, true);
}

function writeU53(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / HIGH), true);
}
