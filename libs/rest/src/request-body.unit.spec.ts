import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { BodyReader } from './request-body.js';
import { REST_BOUNDS, type RestOptions } from './rest-options.js';

const HALF = Math.ceil(REST_BOUNDS.minBufferedBodyBytes / 2) + 1;
const LIMIT = REST_BOUNDS.minBufferedBodyBytes * 2;

function request(headers: Record<string, string> = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough({ highWaterMark: LIMIT }), { headers }) as unknown as PassThrough &
    IncomingMessage;
}

/** Resolves once what was written has been read. */
async function drained(stream: PassThrough): Promise<void> {
  while (stream.readableLength > 0 || stream.writableLength > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('the reader of bodies', () => {
  const reader = (): BodyReader => new BodyReader({ maxValueBytes: 100 } as RestOptions);

  it('refuses what exceeds the bound over all requests, and takes it once there is room', async () => {
    const bodies = reader();
    const first = request();
    const firstBody = bodies.read(first, LIMIT);
    first.write(Buffer.alloc(HALF));
    await drained(first);
    const second = request();
    second.end(Buffer.alloc(HALF));
    await expect(bodies.read(second, LIMIT)).rejects.toMatchObject({ problem: { code: 'BUSY', status: 503 } });
    first.end();
    expect(await firstBody).toHaveLength(HALF);
    const third = request();
    third.end(Buffer.alloc(HALF));
    expect(await bodies.read(third, LIMIT)).toHaveLength(HALF);
  });

  it('puts chunks together', async () => {
    const body = request();
    body.write('ab');
    body.write('cd');
    body.end('e');
    expect(Buffer.from(await reader().read(body, 5)).toString()).toBe('abcde');
  });

  it('tells a connection that ended from a failure of its own', async () => {
    const body = request();
    const read = reader().read(body, 10);
    body.write('a');
    body.destroy(new Error('aborted'));
    await expect(read).rejects.toMatchObject({ problem: { code: 'INVALID_REQUEST' } });
  });
});
