/**
 * A segment: a header of 40 bytes (`file-head.ts`), then batches as blocks (`block.ts`) with a header of 32 bytes.
 *
 * Fields of the header: 24: bytes of the segment before that count u32 (what lies behind them there was written by an append
 * that failed, and comes again in this segment); 28: a checkpoint's number u64, 0 where this segment continues the one before:
 * else something between the two was lost, and only this checkpoint or a later one has what it takes to go on here.
 *
 * Fields of a batch: 8: time u64, a hybrid logical clock: milliseconds in the upper 48 bits, a counter in the lower 16;
 * 16: segment u64 and 24: bytes u32 of a place up to which the log was durable when this was written. Body: event records.
 * By that place recovery tells damage from the loss of what was never durable, which a power cut may leave with holes.
 */
import type { ByteWriter } from '#libs/kernel';
import { BLOCK_FIELDS_AT } from './block.js';
import { beginHead, endHead, openHead, seedOf, type FileHead, type FileKind } from './file-head.js';
import type { LogPosition } from './log-position.js';

export const SEGMENT_HEADER_BYTES = 40;
export const BATCH_HEADER_BYTES = 32;
/** An event record's header in its oldest format. */
export const MIN_BATCH_BODY_BYTES = 20;
const TIME_AT = BLOCK_FIELDS_AT;
export const DURABLE_SEGMENT_AT = BLOCK_FIELDS_AT + 8;
const DURABLE_BYTES_AT = BLOCK_FIELDS_AT + 16;

export const SEGMENT_KIND: FileKind = {
  magic: 0x4c454348, // HCEL
  version: 1,
  oldestVersion: 1,
  headBytes: SEGMENT_HEADER_BYTES,
};

export interface SegmentHead extends FileHead {
  readonly previousBytes: number;
  /** 0 where it continues the segment before. */
  readonly neededCheckpoint: number;
}

export function segmentSeed(head: FileHead): number {
  return seedOf(SEGMENT_KIND, head);
}

/** At the writer's place. */
export function writeSegmentHead(writer: ByteWriter, head: SegmentHead): void {
  beginHead(writer, SEGMENT_KIND, head);
  writer.u32(head.previousBytes);
  writer.u53(head.neededCheckpoint);
  endHead(writer, SEGMENT_KIND);
}

export function readSegmentHead(bytes: Uint8Array): SegmentHead {
  const { head, fields } = openHead(bytes, SEGMENT_KIND);
  return { ...head, previousBytes: fields.u32(), neededCheckpoint: fields.u53() };
}

/** `wallMs` below 2^48, `logical` below 2^16. */
export function writeBatchTime(view: DataView, at: number, wallMs: number, logical: number): void {
  view.setUint16(at + TIME_AT, logical, true);
  view.setUint16(at + TIME_AT + 2, wallMs & 0xffff, true);
  view.setUint32(at + TIME_AT + 4, Math.floor(wallMs / 0x1_0000), true);
}

export function batchWallMs(view: DataView, at: number): number {
  return view.getUint32(at + TIME_AT + 4, true) * 0x1_0000 + view.getUint16(at + TIME_AT + 2, true);
}

export function batchLogical(view: DataView, at: number): number {
  return view.getUint16(at + TIME_AT, true);
}

export function writeDurable(view: DataView, at: number, segment: number, bytes: number): void {
  view.setUint32(at + DURABLE_SEGMENT_AT, segment >>> 0, true);
  view.setUint32(at + DURABLE_SEGMENT_AT + 4, Math.floor(segment / 0x1_0000_0000), true);
  view.setUint32(at + DURABLE_BYTES_AT, bytes, true);
}

/** May be any number in bytes that are no batch. */
export function durableOf(view: DataView, at: number): LogPosition {
  const high = view.getUint32(at + DURABLE_SEGMENT_AT + 4, true);
  const segment = high * 0x1_0000_0000 + view.getUint32(at + DURABLE_SEGMENT_AT, true);
  return { segment, bytes: view.getUint32(at + DURABLE_BYTES_AT, true) };
}
