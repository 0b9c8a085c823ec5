export type RaftLogErrorCode =
  /** The disk failed. Nothing may be assumed durable any more: the node stops. */
  | 'io'
  /**
   * What was durable does not read any more. The node must not go on with what is left, for others count on what it
   * acknowledged: it is removed from the group, its folder emptied, and it joins again under a new id.
   */
  | 'damaged';

/** Names the file, what is wrong with it and what to do. */
export class RaftLogError extends Error {
  override readonly name = 'RaftLogError';
  constructor(
    readonly code: RaftLogErrorCode,
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function damaged(path: string, problem: string): RaftLogError {
  return new RaftLogError(
    'damaged',
    path,
    `${path} is damaged: ${problem}. Remove this member from the group, empty its folder and let it join again.`,
  );
}
