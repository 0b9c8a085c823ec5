/** Situations in which memory runs short. */
import { append, type CommandResult, get, increment, set } from './client-command.js';
import type { Scenario, Stage } from './stage.js';

const FILLERS = 1_500;
const VALUE = 'x'.repeat(300);

export const MEMORY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'full-store-evicts',
    promise: 'a full store takes every write, loses only what its events say, and stays within its memory',
    seeds: 3,
    settings: { nodeBytes: 160 * 1024 },
    run: (stage) => {
      stage.form();
      fill(stage, 0);
      stage.demand(stage.cluster.evictions > FILLERS / 4, `${stage.cluster.evictions} evictions`);
    },
  },
  {
    name: 'full-nodes-hand-over-partitions',
    promise: 'a node that joins full ones takes partitions over, and they go on evicting',
    seeds: 3,
    settings: { nodeBytes: 160 * 1024 },
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      fill(stage, 0);
      const before = cluster.evictions;
      cluster.machine('st3').start();
      fill(stage, FILLERS);
      stage.demand(cluster.evictions > before, 'nothing was evicted');
      stage.demand(
        cluster.runUntil(() => cluster.moves > 3),
        'no partitions moved',
      );
    },
  },
];

/** Writes more than fits in pipelines, while a few keys are used all the time. */
function fill(stage: Stage, from: number): void {
  const client = stage.client();
  const sent: { wait(): CommandResult }[] = [];
  for (let i = from; i < from + FILLERS; i++) {
    sent.push(stage.tell(client, set(`filler${i}`, `${VALUE}${i}`)));
    if (i % 5 === 0) sent.push(stage.tell(client, increment(`count${i % 3}`)));
    if (i % 7 === 0) sent.push(stage.tell(client, append(`log${i % 2}`, `${i};`)));
    if (i % 11 === 0) sent.push(stage.tell(client, get(`filler${i >>> 2}`)));
    if (i % 50 === 0) for (const reply of sent.splice(0)) stage.demandOk(reply.wait(), 'a command');
  }
  for (const reply of sent) stage.demandOk(reply.wait(), 'a command');
}
