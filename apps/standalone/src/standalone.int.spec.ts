import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '#libs/config';
import { createLogger } from '#libs/logger-pino';
import { setUpRest } from '#libs/rest';
import { inProcessBuses, startService, type RunningService } from '#libs/service';
import { makeApi } from './api.js';
import { greeting } from './greeting.js';
import { StandaloneAppModule } from './standalone.module.js';

let folder: string;
let service: RunningService;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hc-standalone-'));
  const env = { HC_RESP_PORT: '0', HC_HTTP_PORT: '0', HC_ADMIN_PORT: '0', HC_DATA_DIR: folder, HC_PARTITIONS: '16' };
  const config = loadConfig({ argv: [], env, role: 'standalone' });
  const logger = createLogger({ level: 'ERROR', bindings: { nodeId: 'test' } });
  service = await startService(
    {
      role: 'standalone',
      connectBuses: inProcessBuses,
      modules: [StandaloneAppModule],
      hasBusControllers: true,
      api: makeApi,
      setUpApi: setUpRest,
    },
    config,
    logger,
  );
  await service.whenReady();
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

/** Sends commands and answers what comes until the server ends the connection. */
function talk(lines: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(service.report.respPort, '127.0.0.1', () => socket.end(lines));
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    socket.on('end', () => resolve(text)).on('error', reject);
  });
}

describe('standalone', () => {
  it('serves Redis clients', async () => {
    expect(await talk('SET hello world\r\nGET hello\r\nQUIT\r\n')).toBe('+OK\r\n$5\r\nworld\r\n+OK\r\n');
  });

  it('tells what its process takes', async () => {
    let text = '';
    while (!/used_memory_rss:[1-9]/.test(text)) text = await talk('INFO memory\r\nQUIT\r\n');
    expect(Number(/used_memory_rss:(\d+)/.exec(text)?.[1])).toBeGreaterThan(2 ** 24);
    expect(await talk('INFO cpu\r\nQUIT\r\n')).toMatch(/storage_cpu_ms:[1-9]/);
  });

  it('counts commands in its metrics', async () => {
    await talk('GET hello\r\nQUIT\r\n');
    let text = '';
    // On a busy machine a member may be suspected for a moment.
    while (!/hypercache_members\{state="up",[^}]*\} 3/.test(text)) {
      text = await (await fetch(`http://127.0.0.1:${service.report.adminPort}/metrics`)).text();
    }
    expect(text).toMatch(
      /hypercache_requests_total\{operation="GET",node="standalone-[^"]+",role="standalone"\} [1-9]/,
    );
    expect(text).toMatch(/hypercache_entries\{store="default",[^}]*\} 1/);
  });

  it('serves REST over the same entries', async () => {
    const api = `http://127.0.0.1:${service.report.httpPort}/api/v1`;
    const key = `${api}/stores/default/keys/%00%ff`;
    const put = await fetch(`${key}?ttl=60`, { method: 'PUT', body: Uint8Array.of(0, 1, 255) });
    expect(put.status).toBe(201);
    const got = await fetch(key);
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(Uint8Array.of(0, 1, 255));
    expect(got.headers.get('etag')).toBe(put.headers.get('etag'));
    expect(Number(got.headers.get('x-ttl-ms'))).toBeGreaterThan(50_000);
    expect((await fetch(key, { method: 'PUT', body: 'v', headers: { 'If-None-Match': '*' } })).status).toBe(412);
    expect((await fetch(key, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(key)).status).toBe(404);
    expect((await fetch(`${api}/stores/default`)).status).toBe(200);
    expect(await (await fetch(`${api}/cluster`)).json()).toMatchObject({ state: 'ok', partitions: { served: 16 } });
    expect((await fetch(`http://127.0.0.1:${service.report.httpPort}/docs-json`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${service.report.httpPort}/readyz`)).status).toBe(200);
  });

  it('says where to connect', () => {
    const { respPort, httpPort, adminPort } = service.report;
    expect(greeting(service, 640)).toBe(
      `HyperCache standalone ready in 0.6 s: RESP 127.0.0.1:${respPort}, HTTP http://127.0.0.1:${httpPort}, ` +
        `admin http://127.0.0.1:${adminPort}\nTry: redis-cli -p ${respPort} set hello world\n`,
    );
  });
});
