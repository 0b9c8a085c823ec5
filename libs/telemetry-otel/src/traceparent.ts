import type { TraceContext } from '#libs/ports';
import { bytesOfHex, hexOfBytes } from './hex.js';

/** The W3C `traceparent` header (https://www.w3.org/TR/trace-context/), as REST requests and NATS headers carry it. */
export interface Traceparent {
  readonly context: TraceContext;
  readonly sampled: boolean;
}

/** version - trace id - parent id - flags, and what later versions may add; only lower-case digits are valid. */
const HEADER = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const INVALID_VERSION = 'ff';
const ALL_ZERO = /^0+$/;
const SAMPLED_FLAG = 1;
/** Longer headers are not looked at: a later version may add fields, but not kilobytes. */
const MAX_HEADER_CHARS = 256;

/** Undefined for anything that is not a valid header: the specification wants such a header ignored. */
export function parseTraceparent(header: string): Traceparent | undefined {
  const match = header.length <= MAX_HEADER_CHARS ? HEADER.exec(header) : null;
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, extra] = match;
  if (version === INVALID_VERSION || (version === '00' && extra !== undefined)) return undefined;
  if (ALL_ZERO.test(traceId) || ALL_ZERO.test(spanId)) return undefined;
  const context = { traceId: bytesOfHex(traceId), spanId: bytesOfHex(spanId) };
  return { context, sampled: (Number.parseInt(flags, 16) & SAMPLED_FLAG) !== 0 };
}

export function formatTraceparent(context: TraceContext, sampled = true): string {
  return `00-${hexOfBytes(context.traceId)}-${hexOfBytes(context.spanId)}-0${sampled ? SAMPLED_FLAG : 0}`;
}
