import { latin1Text } from '#libs/kernel';
import type { ClientSocket } from '#libs/ports';

/** A client's connection that keeps what it is sent; the operating system takes bytes when a test says so. */
export class FakeSocket implements ClientSocket {
  readonly remoteAddress = '127.0.0.1:40000';
  readonly localAddress = '127.0.0.1:6379';
  queuedBytes = 0;
  isPaused = false;
  isEnded = false;
  isDestroyed = false;
  /** While true, written bytes stay queued and their buffers stay the socket's. */
  isSlow = false;
  private readonly chunks: Uint8Array[] = [];

  write(bytes: Uint8Array): boolean {
    this.chunks.push(this.isSlow ? bytes : bytes.slice());
    if (!this.isSlow) return true;
    this.queuedBytes += bytes.length;
    return false;
  }

  pauseReading(): void {
    this.isPaused = true;
  }

  resumeReading(): void {
    this.isPaused = false;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** Number of writes so far. */
  get writes(): number {
    return this.chunks.length;
  }

  /** Everything sent so far, one char per byte. */
  get text(): string {
    return this.chunks.map((chunk) => latin1Text(chunk, 0, chunk.length)).join('');
  }

  /** What has been sent since the last call. */
  take(): string {
    const { text } = this;
    this.chunks.length = 0;
    return text;
  }
}
