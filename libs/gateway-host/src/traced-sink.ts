import { hexText } from '#libs/kernel';
import type { Logger, Span } from '#libs/ports';
import type { ReplySink } from './reply-sink.js';

const MINUS = 0x2d;

/**
 * Ends a sampled operation's span when its reply comes, and logs it with the trace's id. The span's id is the correlation
 * id: every part of the operation carries it, so that storage nodes log the same.
 */
export class TracedSink implements ReplySink {
  constructor(
    private readonly sink: ReplySink,
    private readonly span: Span,
    private readonly operation: string,
    private readonly logger: Logger,
  ) {}

  onReply(position: number, buffer: Uint8Array, offset: number, length: number): void {
    const failed = length > 0 && buffer[offset] === MINUS;
    this.span.end(failed ? 'error reply' : undefined);
    const spanId = hexText(this.span.context.spanId);
    this.logger.log('INFO', 'GATEWAY', 'sampled operation answered', {
      correlationId: spanId,
      operation: this.operation,
      traceId: hexText(this.span.context.traceId),
      spanId,
      success: !failed,
    });
    this.sink.onReply(position, buffer, offset, length);
  }
}
