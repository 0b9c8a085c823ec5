/** Kills the coordinator that leads again and again, and times how long nobody leads. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterServices } from '../lib/cluster-services.js';
import { metricOf } from '../lib/metrics.js';
import type { Xorshift } from '../lib/xorshift.js';
import type { LeaderWatch } from './leader-watch.js';

const APPLIED = 'hypercache_raft_applied_index';
const VOTERS = 'hypercache_raft_voters';
const POLL_MS = 20;
const WAIT_LIMIT_MS = 30_000;
/** Kills fall on any moment between two heartbeats of the leader. */
const MAX_PAUSE_MS = 100;

/** Milliseconds from each kill until another coordinator has said that it leads. */
export async function measureElections(
  cluster: ClusterServices,
  watch: LeaderWatch,
  kills: number,
  rng: Xorshift,
  onElection: (count: number, ms: number) => void,
): Promise<readonly number[]> {
  const timesMs: number[] = [];
  for (let i = 0; i < kills; i++) {
    await sleep(rng.below(MAX_PAUSE_MS));
    const { nodeId: victim, term } = await watch.after(0);
    const killedMs = performance.now();
    const [next] = await Promise.all([watch.after(term), cluster.of(victim).process.kill()]);
    timesMs.push(next.heardMs - killedMs);
    onElection(i + 1, next.heardMs - killedMs);
    await cluster.add('coordinator', victim);
    await caughtUp(cluster, victim, watch);
  }
  return timesMs;
}

/** Waits until every coordinator has a vote: the first one founds the group, the others are taken in. */
export function whenAllVote(cluster: ClusterServices, ids: readonly string[]): Promise<void> {
  return until(`all of ${ids.join()} vote`, async () => {
    const voters = await Promise.all(ids.map((id) => metricOf(cluster.of(id).adminPort, VOTERS)));
    return voters.every((count) => count === ids.length);
  });
}

/** Waits until a coordinator has applied what the leader has: from then on the group can lose another one. */
function caughtUp(cluster: ClusterServices, id: string, watch: LeaderWatch): Promise<void> {
  return until(`${id} has caught up`, async () => {
    const { nodeId: leader } = await watch.after(0);
    const [own, of] = await Promise.all([id, leader].map((one) => metricOf(cluster.of(one).adminPort, APPLIED)));
    return own !== undefined && own > 0 && own === of;
  });
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + WAIT_LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${WAIT_LIMIT_MS / 1_000} s: ${what}`);
    await sleep(POLL_MS);
  }
}
