/**
 * What all decoders of the control plane share: protobuf bytes become a checked plain object, or a DecodeError. The
 * fields are counted before anything is built, since a hostile message of a few bytes per element would otherwise
 * become a large number of objects.
 */
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { DecodeError } from '#libs/kernel';
import { isSubjectToken } from '#libs/wire';
import { CLUSTER_LIMITS } from './limits.js';
import { FORMAT_VERSION, OLDEST_FORMAT_VERSION } from './versions.js';

const VISIBLE = /^[\x21-\x7e]*$/;

export interface MessageBounds {
  readonly maxBytes: number;
  /** Most elements of all fields of the message together, by field number; unnamed ones may occur a few times. */
  readonly maxOccurrences: Readonly<Record<number, number>>;
}

const MAX_OCCURRENCES_OF_OTHERS = 16;

/** Decodes the protobuf layer; `bytes` are not kept. */
export function decodeMessage<Schema extends DescMessage>(
  schema: Schema,
  bytes: Uint8Array,
  bounds: MessageBounds,
): MessageShape<Schema> {
  if (bytes.length > bounds.maxBytes) {
    throw new DecodeError(`${schema.name}: ${bytes.length} bytes, at most ${bounds.maxBytes} are read`);
  }
  checkOccurrences(schema.name, bytes, bounds.maxOccurrences);
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new DecodeError(`${schema.name}: not a protobuf message`, { cause });
  }
}

function checkOccurrences(name: string, bytes: Uint8Array, maximum: Readonly<Record<number, number>>): void {
  const seen = new Map<number, number>();
  let at = 0;
  while (at < bytes.length) {
    const tagEnd = endOfVarint(name, bytes, at);
    const tag = varint32(bytes, at, tagEnd);
    const field = tag >>> 3;
    const count = (seen.get(field) ?? 0) + 1;
    if (count > (maximum[field] ?? MAX_OCCURRENCES_OF_OTHERS)) {
      throw new DecodeError(`${name}: too many elements of field ${field}`);
    }
    seen.set(field, count);
    at = endOfField(name, bytes, tagEnd, tag & 7);
  }
}

function endOfField(name: string, bytes: Uint8Array, at: number, wireType: number): number {
  if (wireType === 0) return endOfVarint(name, bytes, at);
  if (wireType === 1) return at + 8;
  if (wireType === 5) return at + 4;
  if (wireType !== 2) throw new DecodeError(`${name}: unexpected wire type ${wireType}`);
  const lengthEnd = endOfVarint(name, bytes, at);
  return lengthEnd + varint32(bytes, at, lengthEnd);
}

function endOfVarint(name: string, bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length && at < start + 10; at++) if (bytes[at] < 0x80) return at + 1;
  throw new DecodeError(`${name}: truncated`);
}

/** The low 32 bits; longer ones are left to the protobuf decoder to refuse. */
function varint32(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start, shift = 0; at < end && shift < 35; at++, shift += 7) value |= (bytes[at] & 0x7f) << shift;
  return value >>> 0;
}

export function checkFormatVersion(name: string, version: number): void {
  if (version < OLDEST_FORMAT_VERSION || version > FORMAT_VERSION) {
    throw new DecodeError(
      `${name}: format version ${version}; this release reads ${OLDEST_FORMAT_VERSION} to ${FORMAT_VERSION}`,
    );
  }
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new DecodeError(message);
}

/** A 64-bit number that must be exact as a JavaScript number. */
export function toNumber(value: bigint, what: string): number {
  check(value <= BigInt(Number.MAX_SAFE_INTEGER), `${what}: exceeds 53 bits`);
  return Number(value);
}

/** A name that is one token of a subject. */
export function toToken(text: string, what: string): string {
  check(isSubjectToken(text), `${what}: use 1 to 64 letters, digits, "-" and "_"`);
  return text;
}

/** Text that goes into lines of logs and replies: visible ASCII without spaces, may be empty. */
export function toVisibleText(text: string, what: string, maxLength: number = CLUSTER_LIMITS.maxLabelLength): string {
  check(text.length <= maxLength && VISIBLE.test(text), `${what}: not short visible ASCII`);
  return text;
}

export function toReason(text: string, what: string): string {
  check(text.length <= CLUSTER_LIMITS.maxReasonLength, `${what}: too long`);
  return text;
}

export function toPort(port: number, what: string): number {
  check(port <= 65535, `${what}: not a port`);
  return port;
}

/** The name behind an enum's number; 0 and unknown numbers are refused. */
export function toName<Name extends string>(
  names: readonly ('unspecified' | Name)[],
  index: number,
  what: string,
): Exclude<Name, 'unspecified'> {
  const name = index === 0 ? undefined : names[index];
  check(name !== undefined, `${what}: unknown value ${index}`);
  return name as Exclude<Name, 'unspecified'>;
}

/** A name that is sent as text. */
export function toChoice<Name extends string>(names: readonly Name[], text: string, what: string): Name {
  const name = names.find((each) => each === text);
  check(name !== undefined, `${what} ${JSON.stringify(text.slice(0, 64))}: unknown`);
  return name;
}
