import { assert, latin1Text } from '#libs/kernel';
import type { RespValue } from '#libs/resp';

/** An entry as HC.GET answers it. */
export interface Entry {
  readonly value: Uint8Array;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds that the entry has left; null where it stays. */
  readonly ttlMs: number | null;
}

/** Undefined where there is no such key. */
export function entryOf(reply: RespValue): Entry | undefined {
  if (reply === null) return undefined;
  assert(Array.isArray(reply) && reply.length === 3, 'HC.GET answers three elements');
  const [value, etag, ttlMs] = reply as readonly RespValue[];
  assert(value instanceof Uint8Array && typeof ttlMs === 'number', 'HC.GET answers a value and its time to live');
  return { value, etag: textOf(etag), ttlMs: ttlMs < 0 ? null : ttlMs };
}

export interface Written {
  readonly etag: string;
  readonly created: boolean;
}

/** What HC.SET has done. */
export function writtenOf(reply: RespValue): Written {
  assert(Array.isArray(reply) && reply.length === 2, 'HC.SET answers two elements');
  const [etag, created] = reply as readonly RespValue[];
  return { etag: textOf(etag), created: created === 1 };
}

function textOf(value: RespValue): string {
  if (typeof value === 'string') return value;
  assert(value instanceof Uint8Array, 'an entity tag is a text');
  return latin1Text(value, 0, value.length);
}
