import { latin1Text } from '#libs/kernel';

/**
 * One parsed request as ranges of a buffer. The arrays are reused for the next request: nothing in here may be
 * kept. Argument 0 is the command's name; offsets and lengths are bytes in `buffer`.
 */
export interface Request {
  readonly buffer: Uint8Array;
  readonly count: number;
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
}

/** An argument as text, one char per byte: for option words, names and error texts. */
export function argumentText(request: Request, index: number): string {
  return latin1Text(request.buffer, request.offsets[index], request.lengths[index]);
}

/** A copy of an argument, for whoever keeps it. */
export function argumentBytes(request: Request, index: number): Uint8Array {
  const offset = request.offsets[index];
  return request.buffer.slice(offset, offset + request.lengths[index]);
}
