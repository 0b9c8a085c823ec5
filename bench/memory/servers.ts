/** The servers whose resident memory is compared; each is started empty, with nothing written to disk. */
import { userInfo } from 'node:os';
import { BenchProcess } from '../lib/child-process.js';
import { serviceReady, spawnService } from '../lib/hypercache.js';
import { accepts, freePort, LOOPBACK } from '../lib/ports.js';
import { findProgram } from '../lib/programs.js';
import type { Resources } from '../lib/resources.js';
import { type LoadTemplate, memcachedTemplate, respTemplate } from './load-template.js';
import type { ServerName } from './measurement.js';

export interface Server {
  readonly process: BenchProcess;
  readonly port: number;
  readonly template: (ttlSeconds: number) => LoadTemplate;
}

const MEMORY_LIMIT = '8gb';
const MEMCACHED_MEBIBYTES = '4096';

async function startHyperCache(resources: Resources): Promise<Server> {
  const folder = resources.temporaryFolder('memory');
  const service = spawnService('standalone', 'standalone', folder, ['--memory-limit', MEMORY_LIMIT], resources);
  const { respPort } = await serviceReady(service, folder);
  return { process: service, port: respPort, template: respTemplate };
}

async function startRedis(resources: Resources): Promise<Server> {
  const folder = resources.temporaryFolder('memory');
  const port = await freePort();
  const args = ['--bind', LOOPBACK, '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'];
  return { process: await start('redis-server', args, port, folder, resources), port, template: respTemplate };
}

async function startMemcached(resources: Resources): Promise<Server> {
  const folder = resources.temporaryFolder('memory');
  const port = await freePort();
  // memcached refuses to run as root without being told a user.
  const user = process.getuid?.() === 0 ? ['-u', userInfo().username] : [];
  const args = ['-l', LOOPBACK, '-p', String(port), '-m', MEMCACHED_MEBIBYTES, ...user];
  return { process: await start('memcached', args, port, folder, resources), port, template: memcachedTemplate };
}

async function start(
  name: string,
  args: readonly string[],
  port: number,
  folder: string,
  resources: Resources,
): Promise<BenchProcess> {
  const command = findProgram(name);
  const server = BenchProcess.start({ name, command, args, logFile: `${folder}/${name}.log` }, resources);
  await server.until(() => accepts(port));
  return server;
}

export const STARTERS: Readonly<Record<ServerName, (resources: Resources) => Promise<Server>>> = {
  hypercache: startHyperCache,
  redis: startRedis,
  memcached: startMemcached,
};
