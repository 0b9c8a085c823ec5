import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs';
import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, Module } from '@nestjs/common';
import type { Environment } from '#libs/config';
import { ApiModule } from './api.module.js';
import { inProcessBuses, natsBuses } from './buses.js';
import type { ReadyReport } from './ready-report.js';
import { runService, type RunOptions } from './run-service.js';
import { SERVICE_CONTEXT, type ServiceContext } from './service-context.js';
import { STOP_PHASES } from './service-lifecycle.js';

/** A host whose behaviour the tests decide. */
const fake = {
  readiness: undefined as string | undefined,
  startFailure: undefined as Error | undefined,
  /** Stopping waits for it. */
  hold: Promise.resolve() as Promise<void>,
  steps: [] as string[],
  hasFailingStep: false,
  /** /readyz while the host stops. */
  statusWhileStopping: 0,
};

@Injectable()
class FakeHost {
  constructor(@Inject(SERVICE_CONTEXT) { health, lifecycle, endpoints }: ServiceContext) {
    health.addCheck(() => fake.readiness);
    lifecycle.onStart('open-listeners', 'listener', async () => void fake.steps.push('listener'));
    lifecycle.onStart('start-hosts', 'host', async () => {
      fake.steps.push('host');
      if (fake.startFailure !== undefined) throw fake.startFailure;
    });
    for (const phase of STOP_PHASES.toReversed()) {
      lifecycle.onStop(phase, `fake ${phase}`, async () => {
        fake.steps.push(phase);
        if (phase === 'stop-gateway' && fake.hasFailingStep) throw new Error('a step that fails');
        if (phase !== 'stop-storage') return;
        const answer = await fetch(`http://127.0.0.1:${endpoints.adminPort}/readyz`).catch(() => ({ status: 0 }));
        fake.statusWhileStopping = answer.status;
        await fake.hold;
      });
    }
  }
}

@Module({ providers: [FakeHost] })
class FakeModule {}

const OPTIONS: RunOptions = {
  role: 'gateway',
  connectBuses: inProcessBuses,
  modules: [FakeModule],
  hasBusControllers: false,
  api: async (context) => ApiModule.register(context),
  greeting: () => 'hello\n',
};

/** Stands in for `process`. */
class FakeProcess extends EventEmitter {
  readonly argv: readonly string[];
  stdoutText = '';
  stderrText = '';
  exitCode: number | undefined;
  readonly stdout = { write: (text: string) => void (this.stdoutText += text) };
  readonly stderr = { write: (text: string) => void (this.stderrText += text) };

  constructor(
    readonly env: Environment,
    argv: readonly string[] = [],
  ) {
    super();
    this.argv = ['node', 'main.js', ...argv];
  }

  exit(code: number): void {
    this.exitCode ??= code;
    this.emit('exited');
  }

  async exited(): Promise<number | undefined> {
    if (this.exitCode === undefined) await once(this, 'exited');
    return this.exitCode;
  }
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hc-service-'));
  Object.assign(fake, {
    readiness: undefined,
    startFailure: undefined,
    hold: Promise.resolve(),
    steps: [],
    hasFailingStep: false,
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

function processWith(env: Environment = {}, argv: readonly string[] = []): FakeProcess {
  return new FakeProcess(
    {
      HC_CONFIG: join(process.cwd(), 'configs/hypercache.yaml'),
      HC_DATA_DIR: join(folder, 'data'),
      HC_READY_FILE: join(folder, 'ready.json'),
      HC_RESP_PORT: '0',
      HC_HTTP_PORT: '0',
      HC_ADMIN_PORT: '0',
      HC_LOG_LEVEL: 'ERROR',
      HC_NODE_ID: 'n1',
      ...env,
    },
    argv,
  );
}

function readyFile(): ReadyReport {
  return JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8')) as ReadyReport;
}

async function get(port: number, path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.text() };
}

async function stop(host: FakeProcess): Promise<void> {
  host.emit('SIGTERM');
  await host.exited();
}

describe('a running service', () => {
  it('tells where it listens, and answers health and metrics there', async () => {
    const host = processWith();
    await runService(OPTIONS, host);
    expect(host.stdoutText).toBe('hello\n');
    const report = readyFile();
    expect(report).toMatchObject({ role: 'gateway', nodeId: 'n1', pid: process.pid });
    expect(await get(report.adminPort, '/healthz')).toEqual({ status: 200, body: '{"status":"ok"}' });
    expect(await get(report.adminPort, '/readyz')).toEqual({ status: 200, body: '{"status":"ready","reasons":[]}' });
    const { body } = await get(report.adminPort, '/metrics');
    expect(body).toContain(
      'hypercache_bus_messages_total{connection="control",direction="in",node="n1",role="gateway"}',
    );
    expect((await get(report.httpPort, '/readyz')).status).toBe(200);
    expect((await get(report.httpPort, '/metrics')).status).toBe(404);
    await stop(host);
  });

  it('is not ready while a part says so, and waits for it', async () => {
    fake.readiness = 'no table';
    const host = processWith({ HC_ADMIN_PORT: String(await freePort()) });
    const running = runService(OPTIONS, host);
    const port = Number(host.env['HC_ADMIN_PORT']);
    await until(async () => (await get(port, '/readyz').catch(() => ({ status: 0 }))).status === 503);
    expect(await get(port, '/readyz')).toEqual({ status: 503, body: '{"status":"not ready","reasons":["no table"]}' });
    expect((await get(port, '/healthz')).status).toBe(200);
    expect(existsSync(join(folder, 'ready.json'))).toBe(false);
    fake.readiness = undefined;
    await running;
    expect((await get(port, '/readyz')).status).toBe(200);
    await stop(host);
  });

  it('starts hosts before listeners, and stops in the order of the phases with exit code 0', async () => {
    fake.hasFailingStep = true;
    const host = processWith();
    await runService(OPTIONS, host);
    expect(fake.steps.splice(0)).toEqual(['host', 'listener']);
    await stop(host);
    expect(host.exitCode).toBe(0);
    expect(fake.steps).toEqual([...STOP_PHASES]);
    expect(fake.statusWhileStopping).toBe(503);
    await expect(get(readyFile().adminPort, '/healthz')).rejects.toThrow('fetch failed');
  });

  it('takes two signals at once for one, as Ctrl-C under npm sends them', async () => {
    const host = processWith();
    await runService(OPTIONS, host);
    host.emit('SIGINT');
    host.emit('SIGINT');
    expect(await host.exited()).toBe(0);
    expect(fake.steps).toEqual(expect.arrayContaining([...STOP_PHASES]));
  });

  it('ends at once with 1 on a second signal', async () => {
    const host = processWith();
    await runService({ ...OPTIONS, sameSignalMs: 0 }, host);
    const release = holdStop();
    host.emit('SIGTERM');
    host.emit('SIGINT');
    expect(await host.exited()).toBe(1);
    release();
  });

  it('ends with 1 when stopping takes longer than the limit', async () => {
    const host = processWith({ HC_SHUTDOWN_TIMEOUT_MS: '150' });
    await runService(OPTIONS, host);
    const release = holdStop();
    expect(await (host.emit('SIGTERM'), host.exited())).toBe(1);
    release();
  });

  it('can be stopped before it is ready', async () => {
    fake.readiness = 'never';
    const host = processWith();
    void runService(OPTIONS, host);
    await stop(host);
    expect(host.exitCode).toBe(0);
  });

  it('can be stopped while it waits for NATS', async () => {
    const host = processWith({ NATS_URL: 'nats://127.0.0.1:1' });
    void runService({ ...OPTIONS, connectBuses: natsBuses }, host);
    await stop(host);
    expect(host.exitCode).toBe(0);
    expect(host.stderrText).toBe('');
  });

  it('ends with 1 on a defect', async () => {
    const host = processWith();
    await runService({ ...OPTIONS, greeting: () => '' }, host);
    host.emit('unhandledRejection', new Error('a defect for this test'));
    expect(await host.exited()).toBe(1);
    host.emit('SIGTERM');
    await until(async () => fake.steps.includes('disconnect'));
  });
});

describe('a service that cannot start', () => {
  it('says on one line each what is wrong with its settings', async () => {
    const host = processWith({ HC_RESP_PORT: 'abc', HC_WEIGHT: '0' });
    await runService(OPTIONS, host);
    expect(host.exitCode).toBe(1);
    expect(host.stderrText.trimEnd().split('\n')).toEqual([
      'hypercache: cluster.weight: "0" is not allowed: use an integer from 1 to 64 (HC_WEIGHT)',
      'hypercache: network.resp_port: "abc" is not allowed: use an integer from 0 to 65535 (HC_RESP_PORT)',
    ]);
  });

  it.each(['admin_port', 'http_port'])('names the %s that is in use, and the remedy', async (setting) => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const host = processWith({ [`HC_${setting.toUpperCase()}`]: String(port) });
    await runService(OPTIONS, host);
    expect(host.exitCode).toBe(1);
    expect(host.stderrText).toBe(
      `hypercache: network.${setting}: port ${port} is in use on 127.0.0.1; stop the program that has it, or choose another ` +
        `port with HC_${setting.toUpperCase()} or --${setting.replace('_', '-')}\n`,
    );
    other.close();
  });

  it('names an address that the machine does not have', async () => {
    const host = processWith({ HC_HOST: '192.0.2.1' });
    await runService(OPTIONS, host);
    expect(host.stderrText).toContain('network.host: 192.0.2.1 is no address of this machine');
  });

  it('says what a host failed with, after it has closed everything', async () => {
    fake.startFailure = new Error('the host is broken');
    const host = processWith();
    await runService(OPTIONS, host);
    expect(host.exitCode).toBe(1);
    expect(host.stderrText).toContain('the host is broken');
    expect(fake.steps).toContain('disconnect');
  });

  it('says where it looked for NATS', async () => {
    const host = processWith({ NATS_URL: 'nats://127.0.0.1:1', HC_NATS_STARTUP_TIMEOUT_MS: '20' });
    await runService({ ...OPTIONS, connectBuses: natsBuses }, host);
    expect(host.exitCode).toBe(1);
    expect(host.stderrText).toMatch(/^hypercache: cannot connect to NATS at nats:.*127\.0\.0\.1:1 .*set NATS_URL\)\n$/);
  });

  it('names a data folder that cannot be used', async () => {
    const host = processWith({ HC_NODE_ID: '', HC_DATA_DIR: join(process.cwd(), 'package.json') });
    await runService(OPTIONS, host);
    expect(host.stderrText).toMatch(/^hypercache: persistence\.data_dir: .* ENOTDIR/);
  });

  it('prints help on stdout, with exit code 0', async () => {
    const host = processWith({}, ['--help']);
    await runService(OPTIONS, host);
    expect(host.exitCode).toBe(0);
    expect(host.stdoutText).toContain('--resp-port <value>');
  });
});

/** Makes stopping hang until the answer is called. */
function holdStop(): () => void {
  let release: () => void = () => undefined;
  fake.hold = new Promise((resolve) => (release = resolve));
  return () => release();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
