import { connect, type Socket } from 'node:net';
import { RestFixture } from './testing/rest-fixture.js';

const MIB = 1024 * 1024;

describe('bodies of many requests', () => {
  let rest: RestFixture;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    rest = await RestFixture.start({ maxValueBytes: 40 * MIB, tokens: ['token-of-tests'] });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await rest.stop();
  });

  it('announced but not sent take no room, and clients that go away fail alone', async () => {
    const head = 'PUT /api/v1/stores/default/keys/k HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-of-tests\r\n';
    for (let i = 0; i < 8; i++) {
      const socket = connect(rest.port, '127.0.0.1');
      sockets.push(socket);
      socket.write(`${head}Content-Length: ${40 * MIB}\r\n\r\nsome`);
    }
    const headers = { Authorization: 'Bearer token-of-tests' };
    const put = (): Promise<Response> =>
      rest.fetch('/api/v1/stores/default/keys/k', { method: 'PUT', headers, body: new Uint8Array(MIB) });
    expect((await put()).status).toBe(201);
    for (const socket of sockets) socket.destroy();
    expect((await put()).status).toBe(204);
    await until(async () => (await connectionsOf(rest)) <= 1);
    expect(rest.logger.lines).toEqual([]);
  });
});

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

function connectionsOf(rest: RestFixture): Promise<number> {
  return new Promise((resolve, reject) => {
    rest.app.getHttpServer().getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}
