import type { Request } from '../request.js';

const FIRST_PRINTABLE = 0x21;
const LAST_PRINTABLE = 0x7e;
const MAX_ATTRIBUTE_BYTES = 1024;

/**
 * True where an argument may stand in a line of CLIENT LIST: printable ASCII without spaces, at most 1 KiB;
 * it may be empty.
 */
export function isClientAttribute(request: Request, index: number): boolean {
  const { buffer, offsets, lengths } = request;
  if (lengths[index] > MAX_ATTRIBUTE_BYTES) return false;
  for (let i = offsets[index]; i < offsets[index] + lengths[index]; i++) {
    if (buffer[i] < FIRST_PRINTABLE || buffer[i] > LAST_PRINTABLE) return false;
  }
  return true;
}

export const INVALID_CLIENT_NAME = 'ERR Client names cannot contain spaces, newlines or special characters.';
