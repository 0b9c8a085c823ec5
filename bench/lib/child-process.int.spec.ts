import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchProcess } from './child-process.js';
import { accepts, freePort } from './ports.js';
import { cpuTimes, residentBytes } from './process-usage.js';
import { Resources } from './resources.js';

let resources: Resources;
let logFile: string;
beforeEach(() => {
  resources = new Resources();
  logFile = join(resources.temporaryFolder('spec'), 'log');
});
afterEach(() => resources.releaseAll());

function start(script: string, stopLimitMs?: number): BenchProcess {
  const limit = stopLimitMs === undefined ? {} : { stopLimitMs };
  const settings = { name: 'child', command: process.execPath, args: ['-e', script], logFile, ...limit };
  return BenchProcess.start(settings, resources);
}

const logged = (text: string) => (): true | undefined => readFileSync(logFile, 'utf8').includes(text) || undefined;

describe('a process of a benchmark', () => {
  it('is waited for, and stopped with the other resources', async () => {
    const port = await freePort();
    const child = start(`require('net').createServer().listen(${port}, '127.0.0.1')`);
    await child.until(() => accepts(port));
    expect(child.isRunning).toBe(true);
    await resources.releaseAll();
    expect(child.isRunning).toBe(false);
    expect(await accepts(port)).toBeUndefined();
  });

  it('is killed when it does not stop in time', async () => {
    const child = start(
      `process.on('SIGTERM', () => console.log('no')); setInterval(() => 0, 1000); console.log('up')`,
      50,
    );
    await child.until(logged('up'));
    await child.stop();
    expect(child.isRunning).toBe(false);
    expect(readFileSync(logFile, 'utf8')).toContain('no');
  });

  it('that ends too early is reported with its log', async () => {
    const child = start(`console.error('a port is taken'); process.exit(3)`);
    await expect(child.until(() => undefined)).rejects.toThrow(/child ended before it was ready.*\n.*a port is taken/);
  });

  it('that is never ready is reported', async () => {
    const child = start('setInterval(() => 0, 1000)');
    await expect(child.until(() => undefined, 20)).rejects.toThrow('was not ready after 0.02 s');
  });

  it('that cannot be started is reported', async () => {
    const settings = { name: 'child', command: '/does/not/exist', args: [], logFile };
    const child = BenchProcess.start(settings, resources);
    await expect(child.until(() => undefined)).rejects.toThrow('ENOENT');
    expect(() => child.pid).toThrow('did not start');
  });

  it('gets none of the settings that the user has exported', async () => {
    process.env['HC_RESP_PORT'] = '1';
    try {
      const child = start(`console.log('port', process.env.HC_RESP_PORT); setInterval(() => 0, 1000)`);
      await child.until(logged('port undefined'));
    } finally {
      delete process.env['HC_RESP_PORT'];
    }
  });

  it('uses memory and processor time', () => {
    expect(residentBytes(process.pid)).toBeGreaterThan(2 ** 20);
    expect(cpuTimes('self')?.ownMs).toBeGreaterThan(0);
    expect(cpuTimes(2 ** 30)).toBeUndefined();
  });
});
