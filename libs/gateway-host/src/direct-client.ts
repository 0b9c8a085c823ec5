import type { ClientSocket } from '#libs/ports';

/** A caller inside the process in the place of a client connection: takes one reply. */
export class DirectClient implements ClientSocket {
  readonly remoteAddress = 'internal';
  readonly localAddress = 'internal';
  readonly queuedBytes = 0;

  constructor(private readonly onReply: (reply: Uint8Array) => void) {}

  write(bytes: Uint8Array): boolean {
    this.onReply(bytes.slice());
    return true;
  }

  pauseReading(): void {}

  resumeReading(): void {}

  end(): void {}

  destroy(): void {}
}
