// npm run sanity: what operators run against a cluster, here a small one that loses a gateway and a storage node.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import { ROOT } from './support/source-tree.js';
import { eventually } from './support/until.js';
import { withRaw } from './client-cases/target.js';

let cluster: HyperCacheCluster;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 3, storageNodes: 2, environment: { HC_PASSWORD: 'secret' } });
}, 120_000);
afterAll(() => cluster?.stop());

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function sanity(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/sanity.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

const onCluster = (...extra: string[]): Promise<Outcome> => {
  const gateways = cluster.gateways.map(({ ports }) => `127.0.0.1:${ports.respPort}`).join(',');
  return sanity('--gateways', gateways, '--password', 'secret', '--clients', '10', '--increments', '50', ...extra);
};

describe('npm run sanity', () => {
  it('passes every check on a healthy cluster, and leaves no key behind', async () => {
    const { code, stdout } = await onCluster();
    expect(stdout).not.toContain('FAIL');
    expect(stdout.match(/^PASS {2}/gm)).toHaveLength(6);
    expect(stdout).toContain('10 clients x 50 INCR = 500');
    expect(code).toBe(0);
    const left = await withRaw(cluster.gateways[0].ports.respPort, async (raw) => {
      await raw.run('AUTH', 'secret');
      return raw.run('DBSIZE');
    });
    expect(left).toBe(0);
  }, 60_000);

  it('names what is wrong: the password, an address, a flag', async () => {
    const [{ ports }] = cluster.gateways;
    const address = `127.0.0.1:${ports.respPort}`;
    const wrongPassword = await sanity('--gateways', address, '--password', 'guess');
    expect(wrongPassword).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAIL {2}gateways: .*WRONGPASS/) });
    const nobody = await sanity('--gateways', '127.0.0.1:1');
    expect(nobody).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAIL {2}gateways: 127\.0\.0\.1:1: /) });
    expect(await sanity('--gateways', 'nowhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('host:port'),
    });
    expect(await sanity('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('It stops and starts nothing'),
    });
  }, 60_000);

  it('fails where a storage node is gone, and says which', async () => {
    await cluster.storageNodes[1].kill();
    await eventually(
      'the check sees it',
      async () => {
        const { code, stdout } = await onCluster();
        expect(code).toBe(1);
        expect(stdout).toMatch(/^FAIL {2}services: .*storage-2 is down/m);
      },
      60_000,
    );
  }, 90_000);
});
