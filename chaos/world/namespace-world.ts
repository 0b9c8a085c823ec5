/**
 * Each service in a network namespace of its own, each storage node's data on a small disk of its own. This program itself
 * runs in a network and a mount namespace that its caller made (own-namespaces.ts); nats-server is in the same. So whatever
 * is made here is seen by nobody else, and is gone when the last process has ended, however it ends.
 *
 *     this program, nats-server            a service
 *     b3: 10.213.3.1  ---- bus ----------  bus: 10.213.3.2        operations, heartbeats: the link that is cut
 *     c3: 10.214.3.1  ---- clients ------  clients: 10.214.3.2    RESP and REST, which are never cut
 *
 * A cut is silent, as in a network: one end is told a hardware address for the other that nobody has, and its packets are
 * dropped on arrival. So one direction can be cut alone, and nothing but iproute2 is needed. (Taking the interface down would
 * make sends fail at once, which a far failure does not.)
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../cluster/cluster-scripts.js';
import type { Cut } from '../nemesis/fault.js';
import type { World } from './world.js';

const NAMESPACES = '/run/netns';
const NOBODY = '02:00:00:00:00:01';
const DISK_BYTES = 32 * 2 ** 20;
/** Enough pieces to fill the disk, from large to small. */
const FILLING_STEPS_BYTES = [2 ** 20, 2 ** 12];
const FILLER = '.filler';

/** Runs a program of the system that does one thing. Throws an Error with what it said. */
function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

export class NamespaceWorld implements World {
  /** Nobody outside can reach this namespace. */
  readonly natsHost = '0.0.0.0';
  readonly host = '127.0.0.1';
  private readonly numbers = new Map<string, number>();
  private readonly disks: string[] = [];

  constructor() {
    mkdirSync(NAMESPACES, { recursive: true });
    run('mount', '-t', 'tmpfs', 'tmpfs', NAMESPACES);
    run('ip', 'link', 'set', 'lo', 'up');
  }

  addService(id: string): void {
    const number = this.numbers.size + 1;
    this.numbers.set(id, number);
    run('ip', 'netns', 'add', id);
    run('ip', '-n', id, 'link', 'set', 'lo', 'up');
    this.addLink(`b${number}`, id, 'bus', `10.213.${number}`);
    this.addLink(`c${number}`, id, 'clients', `10.214.${number}`);
  }

  /** To be called before the node starts for the first time. */
  addDisk(folder: string): void {
    mkdirSync(folder, { recursive: true });
    run('mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder);
    this.disks.push(folder);
  }

  hostOf(id: string): string {
    return `10.214.${this.numberOf(id)}.2`;
  }

  placeOf(id: string, natsPort: number): Place {
    const natsUrl = `nats://10.213.${this.numberOf(id)}.1:${natsPort}`;
    return { host: this.hostOf(id), natsUrl, wrapper: ['ip', 'netns', 'exec', id] };
  }

  cut(id: string, way: Cut): void {
    const number = this.numberOf(id);
    const misled = ['lladdr', NOBODY, 'nud', 'permanent'];
    if (way !== 'out') run('ip', 'neigh', 'replace', `10.213.${number}.2`, ...misled, 'dev', `b${number}`);
    if (way !== 'in') run('ip', '-n', id, 'neigh', 'replace', `10.213.${number}.1`, ...misled, 'dev', 'bus');
  }

  mend(id: string): void {
    const number = this.numberOf(id);
    run('ip', 'neigh', 'flush', 'dev', `b${number}`, 'nud', 'permanent');
    run('ip', '-n', id, 'neigh', 'flush', 'dev', 'bus', 'nud', 'permanent');
  }

  fillDisk(folder: string): void {
    const file = openSync(join(folder, FILLER), 'a');
    try {
      for (const bytes of FILLING_STEPS_BYTES) writeUntilFull(file, Buffer.alloc(bytes));
    } finally {
      closeSync(file);
    }
  }

  emptyDisk(folder: string): void {
    rmSync(join(folder, FILLER), { force: true });
  }

  release(): void {
    for (const folder of this.disks) run('umount', folder);
  }

  private addLink(outer: string, id: string, inner: string, network: string): void {
    run('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', id);
    run('ip', 'addr', 'add', `${network}.1/30`, 'dev', outer);
    run('ip', 'link', 'set', outer, 'up');
    run('ip', '-n', id, 'addr', 'add', `${network}.2/30`, 'dev', inner);
    run('ip', '-n', id, 'link', 'set', inner, 'up');
  }

  private numberOf(id: string): number {
    const number = this.numbers.get(id);
    if (number === undefined) throw new Error(`${id} has no namespace`);
    return number;
  }
}

function writeUntilFull(file: number, piece: Buffer): void {
  for (;;) {
    try {
      if (writeSync(file, piece) < piece.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
