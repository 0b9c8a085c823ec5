import type { PutQuery } from './key-queries.js';
import { invalidField } from './problem.js';
import { REST_BOUNDS } from './rest-options.js';

/** What becomes of an entry's time to live when it is written. `default` leaves it to the store. */
export type Expiry =
  { readonly kind: 'default' } | { readonly kind: 'keep' } | { readonly kind: 'after'; readonly ttlMs: number };

export const TTL_HEADER = 'X-TTL-Ms';
/** When an entry was created, in milliseconds since 1970; its last change is HTTP's own Last-Modified. */
export const CREATED_HEADER = 'X-Created-Ms';

/** Reads `?ttl`, `?ttl_ms`, `?keep_ttl` and the header; at most one of them may be given. */
export function expiryOf(query: PutQuery, header: string | undefined): Expiry {
  const given: { readonly field: string; readonly value: string; readonly unitMs: number }[] = [];
  if (query.ttl !== undefined) given.push({ field: 'ttl', value: query.ttl, unitMs: 1_000 });
  if (query.ttl_ms !== undefined) given.push({ field: 'ttl_ms', value: query.ttl_ms, unitMs: 1 });
  if (header !== undefined) given.push({ field: TTL_HEADER, value: header, unitMs: 1 });
  const keep = query.keep_ttl === 'true';
  if (given.length + (keep ? 1 : 0) > 1) {
    throw invalidField(
      given[0].field,
      given[0].value,
      `only one of ttl, ttl_ms, keep_ttl and the header ${TTL_HEADER}`,
    );
  }
  if (keep) return { kind: 'keep' };
  if (given.length === 0) return { kind: 'default' };
  const [{ field, value, unitMs }] = given;
  return { kind: 'after', ttlMs: ttlOf(field, value, unitMs) };
}

function ttlOf(field: string, value: string, unitMs: number): number {
  const ttlMs = /^[0-9]{1,13}$/.test(value) ? Number(value) * unitMs : 0;
  if (ttlMs >= 1 && ttlMs <= REST_BOUNDS.maxTtlMs) return ttlMs;
  throw invalidField(field, value, `an integer from 1 to ${REST_BOUNDS.maxTtlMs / unitMs}`);
}

/** The words of HC.SET for it. */
export function expiryArguments(expiry: Expiry): string[] {
  switch (expiry.kind) {
    case 'default':
      return [];
    case 'keep':
      return ['KEEPTTL'];
    case 'after':
      return ['PX', String(expiry.ttlMs)];
  }
}
