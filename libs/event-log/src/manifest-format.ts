/**
 * The manifest: which checkpoint counts, and with which segment the log begins. 52 bytes, replaced as a whole: a header
 * (`file-head.ts`) with the fields 24: first segment u64; 32: segment u64 and 40: bytes u32 of a place up to which the log was
 * durable when this was written; 44: flags u32, 1 = the log was closed in order, and ends at that place. What it says has happened: the files may know of more, and never of less.
 */
import { ByteWriter, DecodeError } from '#libs/kernel';
import { beginHead, endHead, openHead, type FileKind } from './file-head.js';
import type { LogPosition } from './log-position.js';

const MANIFEST_KIND: FileKind = {
  magic: 0x4d454348, // HCEM
  version: 1,
  oldestVersion: 1,
  headBytes: 52,
};

const CLOSED = 1;

export interface Manifest {
  readonly logId: number;
  /** 0 where there is none yet. */
  readonly checkpoint: number;
  readonly firstSegment: number;
  readonly durable: LogPosition;
  readonly isClosed: boolean;
}

export function encodeManifest({ logId, checkpoint, firstSegment, durable, isClosed }: Manifest): Uint8Array {
  const writer = new ByteWriter();
  beginHead(writer, MANIFEST_KIND, { number: checkpoint, logId });
  writer.u53(firstSegment);
  writer.u53(durable.segment);
  writer.u32(durable.bytes);
  writer.u32(isClosed ? CLOSED : 0);
  endHead(writer, MANIFEST_KIND);
  return writer.toBytes();
}

export function decodeManifest(bytes: Uint8Array): Manifest {
  const { head, fields } = openHead(bytes, MANIFEST_KIND);
  if (bytes.length !== MANIFEST_KIND.headBytes) throw new DecodeError(`${bytes.length} bytes are not one manifest`);
  const firstSegment = fields.u53();
  const durable = { segment: fields.u53(), bytes: fields.u32() };
  const isClosed = (fields.u32() & CLOSED) !== 0;
  return { logId: head.logId, checkpoint: head.number, firstSegment, durable, isClosed };
}
