export type NatsConnectErrorReason = 'unreachable' | 'unauthorized' | 'configuration' | 'aborted';

/** Why the first connection did not come about. */
export class NatsConnectError extends Error {
  override readonly name = 'NatsConnectError';
  constructor(
    readonly reason: NatsConnectErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
