/** Bytes per key as the machine sees them: how much a server's resident memory grows by the keys after a warm-up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes } from '../lib/process-usage.js';
import { Resources } from '../lib/resources.js';
import { PAYLOAD_BYTES } from './load-template.js';
import type { Resident, ServerName } from './measurement.js';
import { loadKeys } from './pipeline-loader.js';
import { STARTERS } from './servers.js';

/** Memory has settled when so many readings in a row differ by no more than the share. */
const READINGS = 4;
const READ_EVERY_MS = 500;
const SETTLED_SHARE = 0.001;
const MAX_READINGS = 40;
const TTL_SECONDS = 86_400;

export interface ResidentLoad {
  readonly warmKeys: number;
  readonly keys: number;
}

/** Starts the server, loads it, and stops it, so that each has the machine's memory for itself. */
export async function measureResident(server: ServerName, load: ResidentLoad, expiring: boolean): Promise<Resident> {
  const resources = new Resources();
  try {
    const { process: running, port, template } = await STARTERS[server](resources);
    const commands = template(expiring ? TTL_SECONDS : 0);
    // Twice, so that what a process needs to work at all, such as compiled code and buffers, is there.
    for (let i = 0; i < 2; i++) await loadKeys(port, commands, 0, load.warmKeys);
    const warmBytes = await settledBytes(running.pid);
    await loadKeys(port, commands, load.warmKeys, load.keys);
    const endBytes = await settledBytes(running.pid);
    const perKey = (endBytes - warmBytes) / (load.keys - load.warmKeys) - PAYLOAD_BYTES;
    return { server, expiring, perKey, warmBytes, endBytes };
  } finally {
    await resources.releaseAll();
  }
}

/** Servers give memory back, and collect garbage, some time after a load. */
async function settledBytes(pid: number): Promise<number> {
  const readings: number[] = [];
  while (readings.length < MAX_READINGS) {
    const bytes = residentBytes(pid);
    if (bytes === undefined) throw new Error('the resident memory is known on Linux alone');
    readings.push(bytes);
    const last = readings.slice(-READINGS);
    const spread = Math.max(...last) - Math.min(...last);
    if (last.length === READINGS && spread <= SETTLED_SHARE * bytes) return bytes;
    await sleep(READ_EVERY_MS);
  }
  return readings[readings.length - 1];
}
