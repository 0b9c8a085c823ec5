/** Checks the value of an entry that came from elsewhere. */
import { EntryHeader, parseEntryBody, TYPE_BITS, VALUE_TYPE } from '../record.js';
import { checkPacked } from './packed-check.js';

const header = new EntryHeader();

/** Throws DecodeError for an EntrySet body of a collection's type whose value is no packed collection. */
export function checkEntryValue(body: Uint8Array, offset: number, length: number): void {
  if (length === 0 || (body[offset] & TYPE_BITS) === 0) return;
  parseEntryBody(body, offset, length, header);
  const { type, valueOffset, valueLength } = header;
  if (type >= VALUE_TYPE.HASH && type <= VALUE_TYPE.ZSET) checkPacked(type, body, valueOffset, valueLength);
}
