/**
 * Reads a request's body as bytes, whatever its content type: a value is stored as it came. What is read and not yet
 * used is bounded per request and over all requests; it is counted as it arrives, so that a client which announces
 * much and sends nothing holds nothing. The rest of a refused body is read and dropped: clients read the answer only
 * after they have sent all.
 */
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { failure, ProblemException } from './problem.js';
import { REST_BOUNDS, REST_OPTIONS, type RestOptions } from './rest-options.js';

@Injectable()
export class BodyReader {
  private readonly maxBufferedBytes: number;
  private bufferedBytes = 0;

  constructor(@Inject(REST_OPTIONS) options: RestOptions) {
    this.maxBufferedBytes = Math.max(
      REST_BOUNDS.minBufferedBodyBytes,
      options.maxValueBytes * REST_BOUNDS.bufferedBodiesPerMaxValue,
    );
  }

  async read(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
    refuseEncodedBody(request);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw this.drop(request, tooLarge(maxBytes));
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of bodyOf(request)) {
        length += chunk.length;
        this.bufferedBytes += chunk.length;
        if (length > maxBytes) throw this.drop(request, tooLarge(maxBytes));
        if (this.bufferedBytes > this.maxBufferedBytes) {
          throw this.drop(request, failure('BUSY', 'too many bytes of request bodies are being read'));
        }
        chunks.push(chunk);
      }
      return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
    } catch (error) {
      if (error instanceof ProblemException || !request.errored) throw error;
      throw failure('INVALID_REQUEST', 'the connection ended before the body');
    } finally {
      this.bufferedBytes -= length;
    }
  }

  async readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
    const type = request.headers['content-type'];
    if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
      throw this.drop(request, failure('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json'));
    }
    const body = await this.read(request, maxBytes);
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
    } catch (error) {
      throw failure('MALFORMED_JSON', `the body cannot be read as JSON: ${reasonOf(error)}`);
    }
  }

  private drop(request: IncomingMessage, problem: ProblemException): ProblemException {
    request.on('error', () => undefined);
    request.resume();
    return problem;
  }
}

/** The chunks of a body; leaving the loop early neither destroys the request nor keeps its connection waiting. */
function bodyOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

function refuseEncodedBody(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  request.resume();
  throw failure(
    'UNSUPPORTED_MEDIA_TYPE',
    'Content-Encoding is not taken: it would be lost, for values are stored as sent',
  );
}

function tooLarge(maxBytes: number): ProblemException {
  return failure('BODY_TOO_LARGE', `the body is longer than ${maxBytes} bytes`);
}

function reasonOf(error: unknown): string {
  return error instanceof SyntaxError ? error.message.slice(0, 120) : 'it is not UTF-8';
}
