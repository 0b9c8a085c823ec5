/** Copies of a store's filter at gateways: what they may hide, for how long, and what they never hide. */
import { set, type ClientCommand } from './client-command.js';
import type { SimClient } from './sim-client.js';
import type { Scenario, Stage } from './stage.js';

const STALENESS_MS = 400;
const ROUNDS = 60;
const LATE = 'st3';
/** The round in which a node joins, so that partitions move under the copies. */
const JOIN_ROUND = 20;
const PAUSE_ROUND = 40;

export const NEAR_SCENARIOS: readonly Scenario[] = [
  {
    name: 'copies-of-filters-hide-nothing-for-long',
    promise:
      'a gateway with copies of a filter misses no write of another for longer than permitted, and none of its own at all',
    seeds: 4,
    settings: { gateways: 2, nearStalenessMs: STALENESS_MS },
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      cluster.queue.runFor(2 * STALENESS_MS);
      const [near, far, beside] = [stage.client('gw1'), stage.client('gw2'), stage.client('gw1')];
      let hidden = 0;
      for (let round = 0; round < ROUNDS; round++) {
        if (round === JOIN_ROUND) cluster.machine(LATE).start();
        hidden += lookUntilSeen(stage, near, far, `far${round}`, round === PAUSE_ROUND);
        seeOwnWrites(stage, near, beside, `own${round}`);
        cluster.queue.runFor(cluster.rng.between(0, 40));
      }
      const { hits, refreshes } = cluster.machine('gw1').gateway?.nearFilters.figuresOf(0) ?? { hits: 0, refreshes: 0 };
      stage.demand(hits > ROUNDS && hidden > 0, `${hits} reads were answered at the gateway, ${hidden} of them late`);
      stage.demand(refreshes > ROUNDS, `${refreshes} refreshes`);
      stage.demand(cluster.moves > 0, 'no partition moved');
    },
  },
];

/** No history has these: they may be late, which the checker of histories does not know. */
function look(key: string): ClientCommand {
  return { words: ['EXISTS', key], steps: [] };
}

function isSeen(stage: Stage, client: SimClient, key: string): boolean {
  const result = stage.ask(client, look(key));
  stage.demand(result.outcome === 'ok', `look at ${key}: ${result.outcome}`);
  return result.answers[0] === 1;
}

/** Writes at one gateway and looks at the other until the key is there; answers how often it was not. */
function lookUntilSeen(stage: Stage, near: SimClient, far: SimClient, key: string, withPause: boolean): number {
  const { queue, rng } = stage.cluster;
  stage.demand(!isSeen(stage, near, key), `${key} is there before it was written`);
  stage.demandOk(stage.ask(far, set(key, 'v')), `write of ${key}`);
  const writtenMs = queue.nowMs;
  if (withPause) stage.cluster.machine('gw1').process?.pause(1.2 * STALENESS_MS);
  let hidden = 0;
  for (;;) {
    const lookedMs = queue.nowMs;
    if (isSeen(stage, near, key)) return hidden;
    hidden++;
    const ageMs = lookedMs - writtenMs;
    stage.demand(ageMs <= STALENESS_MS, `${key} was hidden ${ageMs.toFixed(1)} ms after it was written`);
    if (ageMs > 5 * STALENESS_MS) return hidden;
    queue.runFor(rng.between(0, 50));
  }
}

/** In a pipeline, by another client of the gateway, and after any time. */
function seeOwnWrites(stage: Stage, near: SimClient, beside: SimClient, key: string): void {
  const { queue, rng } = stage.cluster;
  const sent = [look(key), set(key, 'v'), look(key)].map((command) => stage.tell(near, command));
  const [before, written, after] = sent.map((each) => each.wait());
  stage.demandOk(written, `own write of ${key}`);
  stage.demand(before.answers[0] === 0, `${key} is there before it was written`);
  stage.demand(after.answers[0] === 1, `${key} is hidden from the client that wrote it`);
  stage.demand(isSeen(stage, beside, key), `${key} is hidden from another client of the gateway`);
  queue.runFor(rng.between(0, 2 * STALENESS_MS) * (rng.chance(0.1) ? 1 : 0));
  stage.demand(isSeen(stage, beside, key), `${key} is hidden from another client of the gateway later`);
}
