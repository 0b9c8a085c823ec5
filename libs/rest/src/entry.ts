import { assert, latin1Text } from '#libs/kernel';
import type { RespValue } from '#libs/resp';

/** An entry as HC.GET … TIMES answers it. */
export interface Entry {
  readonly value: Uint8Array;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds that the entry has left; null where it stays. */
  readonly ttlMs: number | null;
  /** Milliseconds since 1970; null where the store does not keep times. */
  readonly createdAtMs: number | null;
  readonly modifiedAtMs: number | null;
}

/** Undefined where there is no such key. */
export function entryOf(reply: RespValue): Entry | undefined {
  if (reply === null) return undefined;
  assert(Array.isArray(reply) && reply.length === 5, 'HC.GET with TIMES answers five elements');
  const [value, etag, ttlMs, createdAtMs, modifiedAtMs] = reply as readonly RespValue[];
  assert(value instanceof Uint8Array && typeof ttlMs === 'number', 'HC.GET answers a value and its time to live');
  return {
    value,
    etag: textOf(etag),
    ttlMs: ttlMs < 0 ? null : ttlMs,
    createdAtMs: timeOf(createdAtMs),
    modifiedAtMs: timeOf(modifiedAtMs),
  };
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

function timeOf(value: RespValue): number | null {
  assert(value === null || typeof value === 'number', 'a time is a number of milliseconds or nothing');
  return value;
}

function textOf(value: RespValue): string {
  if (typeof value === 'string') return value;
  assert(value instanceof Uint8Array, 'an entity tag is a text');
  return latin1Text(value, 0, value.length);
}
