import { DecodeError } from '#libs/kernel';
import type { DiskError } from '#libs/ports';

export type EventLogErrorCode =
  /** The disk failed while the log was being opened or read. */
  | 'io'
  /** What was durable does not read any more. */
  | 'damaged'
  /** A file that must be there is not. */
  | 'missing'
  /** A file belongs to another log. */
  | 'foreign'
  /** A file was written by a release that this one does not read. */
  | 'unsupported'
  /** More waits for the disk than the log may hold: a batch was refused. */
  | 'overrun'
  /** The log has lost something while a checkpoint was written: the next one will have it. */
  | 'incomplete'
  /** The log was closed while this was under way. */
  | 'closed';

const ADVICE: Readonly<Record<EventLogErrorCode, string>> = {
  io: 'See to the disk and start again.',
  damaged:
    'Bring the file back from a copy, or let recovery stop there: what follows is then set aside as .damaged and has to come from replicas.',
  missing:
    'Bring the file back, or let recovery stop before it: what follows is then set aside as .damaged and has to come from replicas.',
  foreign: 'Remove it, or give this node the folder that belongs to it.',
  unsupported: 'Start the release that wrote it, or a later one.',
  overrun: 'The disk is too slow for what is written.',
  incomplete: 'The next checkpoint will have it.',
  closed: 'Nothing has to be done.',
};

/** Names the file, the place in it, what is wrong there and what to do. */
export class EventLogError extends Error {
  override readonly name = 'EventLogError';
  constructor(
    readonly code: EventLogErrorCode,
    readonly path: string,
    /** A byte of the file; 0 where the whole of it is meant. */
    readonly offset: number,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${problem}${offset > 0 ? ` (byte ${offset})` : ''}. ${ADVICE[code]}`, options);
  }
}

export function ioError(cause: DiskError): EventLogError {
  return new EventLogError('io', cause.path, 0, cause.message, { cause });
}

/** A whole header of a version that this release does not read: not damage, so nothing is ever cut for it. */
export class UnsupportedFormatError extends DecodeError {
  constructor(version: number, oldest: number, newest: number) {
    super(`format version ${version}, ${oldest} to ${newest} can be read`);
  }
}
