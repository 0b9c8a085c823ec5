/** One client connection as a host sees it: the gateway writes replies, an adapter owns the socket. */
export interface ClientSocket {
  /** Who is connected, as `host:port`. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /**
   * Sends bytes. True: the bytes are out of this buffer and the caller may reuse it at once. False: the socket keeps
   * the buffer, so the caller must not touch it again.
   */
  write(bytes: Uint8Array): boolean;
  /** Bytes accepted by write and not yet taken by the operating system. */
  readonly queuedBytes: number;
  pauseReading(): void;
  resumeReading(): void;
  /** Closes after everything written has been sent. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** What an adapter tells the host about connections. */
export interface ClientSocketHandler<Session> {
  onConnect(socket: ClientSocket): Session;
  /** The chunk is the host's only until it returns. */
  onData(session: Session, chunk: Uint8Array): void;
  /** All queued bytes have been taken by the operating system. */
  onDrain(session: Session): void;
  onClose(session: Session): void;
}
