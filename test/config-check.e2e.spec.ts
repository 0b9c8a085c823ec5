// npm run config:check: what operators run before they roll out a file of settings.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, temporaryFolder } from './support/hypercache.js';
import { ROOT } from './support/source-tree.js';

const POLICIES =
  'sieve, s3-fifo, w-tinylfu, lru, ttl-only, session, noeviction, allkeys-lru, volatile-lru, allkeys-lfu, ' +
  'volatile-lfu, volatile-ttl, allkeys-random, volatile-random';

let folder: string;

beforeAll(() => {
  ensureBuilt();
  folder = temporaryFolder();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function check(...args: string[]): Outcome {
  // Settings of the environment must not count.
  const env = { ...process.env, HC_RESP_PORT: 'nonsense' };
  return spawnSync(process.execPath, [join(ROOT, 'scripts/config-check.mjs'), ...args], { encoding: 'utf8', env });
}

function checkText(text: string): Outcome {
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, text);
  const { status, stdout, stderr } = check(file);
  return { status, stdout: stdout.replaceAll(file, 'FILE'), stderr: stderr.replaceAll(file, 'FILE') };
}

describe('config:check', () => {
  it('says ok and describes the stores', () => {
    const yaml = 'stores:\n  - {name: sessions, type: session, memory_limit: 2mb}\nmemory:\n  node_limit: 64mb\n';
    expect(checkText(yaml)).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        'FILE: ok',
        'store default: general, policy sieve (all), no limit of its own',
        'store sessions: session, policy session (all), limit 2mb, idle time 1800000 ms, longest life 86400000 ms',
        'memory of a storage node: 64mb; cleaning from 85 %, eviction from 90 %, back-pressure from 95 %',
        '',
      ].join('\n'),
    });
  });

  it('takes the default file where none is given', () => {
    expect(check()).toMatchObject({ status: 0, stdout: expect.stringContaining('hypercache.yaml: ok\n') });
  });

  it('warns of what the machine cannot hold', () => {
    const { status, stdout } = checkText('memory:\n  node_limit: 900tb\n');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^warning: memory\.node_limit: 900tb is more than this machine has, /m);
  });

  it('prints every fault on a line of its own', () => {
    const yaml = 'network:\n  resp_port: 70000\nlogging:\n  lvel: INFO\nstores:\n  - {name: "*", policy: mru}\n';
    expect(checkText(yaml)).toEqual({
      status: 1,
      stdout: '',
      stderr: [
        'logging.lvel: no such setting; did you mean "level"? (FILE:4)',
        'network.resp_port: 70000 is not allowed: use an integer from 0 to 65535 (FILE:2)',
        'stores[0].name: "*" is not allowed: use 1 to 64 letters, digits, "-", "_" and "." (FILE:6)',
        `stores[0].policy: "mru" is not allowed: use one of ${POLICIES} (FILE:6)`,
        '',
      ].join('\n'),
    });
  });

  it('explains itself, and names a file that is not there', () => {
    expect(check('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^usage: npm run config:check/) });
    expect(check('a', 'b')).toMatchObject({ status: 2 });
    expect(check(join(folder, 'none.yaml'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/none\.yaml: the file cannot be read: ENOENT/),
    });
  });
});
