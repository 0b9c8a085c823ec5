/**
 * A checkpoint: a header of 36 bytes (`file-head.ts`), then chunks as blocks (`block.ts`) with a header of 20 bytes, of which the
 * footer is the last.
 *
 * Field of the header: 24: the segment u64 with which replaying begins.
 *
 * Fields of a chunk: 8: its place among the chunks u32, from 0 on; 12: kind u8, three bytes 0. Bodies: a shard's begin: store id
 * u16, partition u16, group u8, a byte 0, epoch u32, sequence u64; records: event records; a shard's end: bytes of its records
 * u64; footer: shards u32, bytes of all records u64, segment u64 and bytes u32 of the place up to which the log has to be replayed
 * at least, since entries may show what was logged up to there, and the latest time u64 that the log knew, as in its batches.
 */
import { ByteReader, ByteWriter, DecodeError } from '#libs/kernel';
import { BLOCK_FIELDS_AT, isBlockBody, isBlockHeader } from './block.js';
import { beginHead, endHead, openHead, seedOf, type FileHead, type FileKind } from './file-head.js';
import type { LogPosition, LogTime } from './log-position.js';

export const CHECKPOINT_HEADER_BYTES = 36;
export const CHUNK_HEADER_BYTES = 20;
export const MIN_CHUNK_BODY_BYTES = 8;
const INDEX_AT = BLOCK_FIELDS_AT;
const KIND_AT = BLOCK_FIELDS_AT + 4;
const SHARD_BYTES = 18;
const SHARD_END_BYTES = 8;
const FOOTER_BODY_BYTES = 32;
export const FOOTER_BYTES = CHUNK_HEADER_BYTES + FOOTER_BODY_BYTES;

export const CHUNK_KINDS = { shard: 1, records: 2, shardEnd: 3, footer: 4 } as const;

export const CHECKPOINT_KIND: FileKind = {
  magic: 0x43454348, // HCEC
  version: 1,
  oldestVersion: 1,
  headBytes: CHECKPOINT_HEADER_BYTES,
};

export interface CheckpointHead extends FileHead {
  readonly firstSegment: number;
}

/** A shard as it stood when its part of a checkpoint was begun. */
export interface ShardStart {
  readonly storeId: number;
  readonly partition: number;
  readonly group: number;
  readonly epoch: number;
  /** Of its last event: replaying begins behind it. */
  readonly sequence: number;
}

export interface CheckpointFooter {
  readonly shards: number;
  readonly recordBytes: number;
  readonly replayTo: LogPosition;
  readonly latest: LogTime;
}

export function checkpointSeed(head: FileHead): number {
  return seedOf(CHECKPOINT_KIND, head);
}

export function writeCheckpointHead(writer: ByteWriter, head: CheckpointHead): void {
  beginHead(writer, CHECKPOINT_KIND, head);
  writer.u53(head.firstSegment);
  endHead(writer, CHECKPOINT_KIND);
}

export function readCheckpointHead(bytes: Uint8Array): CheckpointHead {
  const { head, fields } = openHead(bytes, CHECKPOINT_KIND);
  return { ...head, firstSegment: fields.u53() };
}

export function writeChunkFields(view: DataView, at: number, index: number, kind: number): void {
  view.setUint32(at + INDEX_AT, index, true);
  view.setUint32(at + KIND_AT, kind, true);
}

export function chunkIndex(view: DataView, at: number): number {
  return view.getUint32(at + INDEX_AT, true);
}

export function chunkKind(view: DataView, at: number): number {
  return view.getUint32(at + KIND_AT, true);
}

export function writeShardStart(writer: ByteWriter, shard: ShardStart): void {
  writer.u16(shard.storeId);
  writer.u16(shard.partition);
  writer.u8(shard.group);
  writer.u8(0);
  writer.u32(shard.epoch);
  writer.u53(shard.sequence);
}

export function readShardStart(buffer: Uint8Array, at: number, length: number): ShardStart {
  requireLength(length, SHARD_BYTES);
  const reader = new ByteReader(buffer, at, length);
  const [storeId, partition, group] = [reader.u16(), reader.u16(), reader.u8()];
  reader.skip(1);
  return { storeId, partition, group, epoch: reader.u32(), sequence: reader.u53() };
}

export function readShardEnd(buffer: Uint8Array, at: number, length: number): number {
  requireLength(length, SHARD_END_BYTES);
  return new ByteReader(buffer, at, length).u53();
}

export function writeFooter(writer: ByteWriter, { shards, recordBytes, replayTo, latest }: CheckpointFooter): void {
  writer.u32(shards);
  writer.u53(recordBytes);
  writer.u53(replayTo.segment);
  writer.u32(replayTo.bytes);
  writer.u16(latest.logical);
  writer.u16(latest.wallMs & 0xffff);
  writer.u32(Math.floor(latest.wallMs / 0x1_0000));
}

export function readFooter(buffer: Uint8Array, at: number, length: number): CheckpointFooter {
  requireLength(length, FOOTER_BODY_BYTES);
  const reader = new ByteReader(buffer, at, length);
  const [shards, recordBytes, segment] = [reader.u32(), reader.u53(), reader.u53()];
  const replayTo = { segment, bytes: reader.u32() };
  const [logical, low] = [reader.u16(), reader.u16()];
  return { shards, recordBytes, replayTo, latest: { wallMs: reader.u32() * 0x1_0000 + low, logical } };
}

/** The footer that the last bytes of a file are; throws DecodeError where they are none. */
export function openFooter(bytes: Uint8Array, seed: number): CheckpointFooter {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFooter =
    bytes.length === FOOTER_BYTES &&
    isBlockHeader(bytes, view, 0, CHUNK_HEADER_BYTES, seed) &&
    chunkKind(view, 0) === CHUNK_KINDS.footer &&
    view.getUint32(0, true) === FOOTER_BODY_BYTES &&
    isBlockBody(bytes, view, 0, CHUNK_HEADER_BYTES, seed);
  if (!isFooter) throw new DecodeError('it does not end with its footer');
  return readFooter(bytes, CHUNK_HEADER_BYTES, FOOTER_BODY_BYTES);
}

function requireLength(length: number, expected: number): void {
  if (length !== expected) throw new DecodeError(`a chunk of ${length} bytes in place of ${expected}`);
}
