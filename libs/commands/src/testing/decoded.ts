import { latin1Bytes, latin1Text } from '#libs/kernel';
import { decodeReply } from '#libs/resp';
import type { RespValue } from '#libs/resp';

export type Plain = string | number | boolean | null | Plain[];

/** A reply, given as Latin-1 text, as plain values: bulk strings are text, maps are lists of pairs. */
export function decoded(reply: string): Plain {
  return plain(decodeReply(latin1Bytes(reply)));
}

function plain(value: RespValue): Plain {
  if (value instanceof Uint8Array) return latin1Text(value, 0, value.length);
  if (Array.isArray(value)) return value.map((item: RespValue) => plain(item));
  return value as Plain;
}
