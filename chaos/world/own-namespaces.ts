/**
 * Runs this program again in a network and a mount namespace of its own, where it may make links and mount disks that nobody
 * else sees. The outer process only passes signals in and the exit code out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { inRoot } from '../../bench/lib/root.js';
import type { Resources } from '../../bench/lib/resources.js';

/** Set for the inner process, which forgets it at once: what it starts has no use for it. */
const MARK = 'HYPERCACHE_CHAOS_INSIDE';
/** It stops by itself when the outer process is gone. */
const GUARD = inRoot('scripts', 'lib', 'cluster-guard.mjs');
const isRoot = process.getuid?.() === 0;
const UNSHARE = ['--net', '--mount', ...(isRoot ? [] : ['--user', '--map-root-user'])];
/** What the world is made of, tried once: a link into another namespace, and a disk. */
const PROBE = [
  'mkdir -p /run/netns',
  'mount -t tmpfs tmpfs /run/netns',
  'ip netns add probe',
  'ip link add probe type veth peer name bus netns probe',
  'ip netns exec probe true',
].join(' && ');

export function isInside(): boolean {
  const isMarked = process.env[MARK] === '1';
  delete process.env[MARK];
  return isMarked;
}

/** Why there can be no namespaces, and what helps; undefined where there can. */
export function namespaceObstacle(): string | undefined {
  if (process.platform !== 'linux') return `they need the namespaces of Linux, and this is ${process.platform}`;
  const { status, stderr, error } = spawnSync('unshare', [...UNSHARE, 'sh', '-c', PROBE], { encoding: 'utf8' });
  if (status === 0) return undefined;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  return `no network and mount namespaces can be made here (${reason}); they need root (sudo npm run chaos ...; in a container: --cap-add SYS_ADMIN --cap-add NET_ADMIN, or --privileged) and the packages iproute2 and util-linux (sudo apt-get install iproute2 util-linux)`;
}

/** Answers the exit code of the inner run. */
export async function runInside(program: string, args: readonly string[], resources: Resources): Promise<number> {
  const child = spawn('unshare', [...UNSHARE, process.execPath, '--import', GUARD, program, ...args], {
    // In a process group of its own: Ctrl-C reaches the outer process, which passes it on once.
    detached: true,
    env: { ...process.env, [MARK]: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  resources.add(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return ended;
}
