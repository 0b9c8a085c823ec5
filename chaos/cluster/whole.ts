/** The end of a run: whether the cluster becomes whole again by itself, and what every key holds then, seen by every gateway. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChaosConnection } from '../load/chaos-connection.js';
import { readOf } from '../load/operation.js';
import type { Recorder } from '../load/recorder.js';
import type { ChaosCluster } from './chaos-cluster.js';

const LIMIT_MS = 90_000;
const POLL_MS = 500;

/**
 * Reads every key through every gateway until all answer and nothing moves any more. These reads are part of the history.
 * Answers what still lacked when the time was over, in words; nothing where the cluster is whole.
 */
export async function whenWhole(cluster: ChaosCluster, keys: readonly string[], recorder: Recorder): Promise<string[]> {
  const deadlineMs = performance.now() + LIMIT_MS;
  for (;;) {
    const lacking = [...(await unread(cluster, keys, recorder)), ...(await moving(cluster))];
    if (lacking.length === 0) return [];
    if (performance.now() > deadlineMs) {
      return lacking.map((what) => `not whole ${LIMIT_MS / 1_000} s after everything was healed: ${what}`);
    }
    await sleep(POLL_MS);
  }
}

async function unread(cluster: ChaosCluster, keys: readonly string[], recorder: Recorder): Promise<string[]> {
  const lacking: string[] = [];
  for (const gateway of cluster.cast.gateways) {
    const connection = await ChaosConnection.open(cluster.addressOf(gateway), recorder);
    if (connection === undefined) {
      lacking.push(`${gateway} accepts no connection`);
      continue;
    }
    const { history } = recorder;
    const first = history.size;
    await connection.perform(keys.map(readOf));
    connection.close();
    const refused = keys.filter((_, i) => !history.isOk(first + i));
    if (refused.length > 0)
      lacking.push(`${gateway} does not answer for ${refused.length} keys, ${refused[0]} among them`);
  }
  return lacking;
}

async function moving(cluster: ChaosCluster): Promise<string[]> {
  try {
    const { moves } = await cluster.ring();
    const left = moves.active + moves.pending;
    return left === 0 ? [] : [`${left} partitions are still to move`];
  } catch (error) {
    return [(error as Error).message];
  }
}
