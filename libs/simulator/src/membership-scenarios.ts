/** Situations with a name, about who counts as a member that lives. */
import { get, set } from './client-command.js';
import { COORDINATOR, DOWN_AFTER_MS } from './cluster-settings.js';
import type { Scenario, Stage } from './stage.js';

const NODE = 'st1';
const FLAPS = 25;
/** Each flap would make three: suspect, down and up. */
const MOST_TABLES = 1.5 * FLAPS;
const FLAP_HALF_LIFE_MS = 5_000;
/** A member is held for so many half-lives at most. */
const LONGEST_HOLD_MS = 4 * FLAP_HALF_LIFE_MS;

export const MEMBERSHIP_SCENARIOS: readonly Scenario[] = [
  {
    name: 'cut-off-from-the-coordinator-alone',
    promise: 'a storage node that the coordinator cannot hear, and peers can, is suspected, serves on, and is not down',
    seeds: 6,
    settings: { storageNodes: 3, lateStorageNodes: 0 },
    run: (stage) => {
      const { cluster, seed } = stage;
      stage.form();
      const client = stage.client();
      const key = stage.keyOf(NODE);
      stage.demandOk(stage.ask(client, set(key, 'v')), 'write before');
      const seen = statusesOf(stage);
      cluster.network.block(NODE, COORDINATOR);
      if (seed % 2 === 0) cluster.network.block(COORDINATOR, NODE);
      for (let i = 0; i < 20; i++) {
        cluster.queue.runFor(DOWN_AFTER_MS / 4);
        stage.demandOk(stage.ask(client, get(key)), 'read meanwhile', 'v');
      }
      stage.demand(seen.has('suspect') && !seen.has('down'), `it was ${[...seen].join(', ')}`);
      cluster.crash(NODE);
      stage.demand(
        cluster.runUntil(() => seen.has('down'), 2 * DOWN_AFTER_MS),
        'it has ended, and is not down',
      );
    },
  },
  {
    name: 'flapping-node-changes-the-table-ever-less',
    promise: 'a node that comes and goes is held back, and counts again once it stays',
    seeds: 3,
    settings: { storageNodes: 3, lateStorageNodes: 0, flapHalfLifeMs: FLAP_HALF_LIFE_MS },
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const before = versionOf(stage);
      for (let i = 0; i < FLAPS; i++) {
        cluster.machine(NODE).disconnect();
        cluster.queue.runFor(2 * DOWN_AFTER_MS);
        cluster.machine(NODE).reconnect();
        cluster.queue.runFor(DOWN_AFTER_MS / 2);
      }
      const changes = versionOf(stage) - before;
      stage.demand(changes >= 3 && changes <= MOST_TABLES, `${FLAPS} flaps made ${changes} tables`);
      stage.demand(
        cluster.runUntil(() => statusOf(stage) === 'up', LONGEST_HOLD_MS + DOWN_AFTER_MS),
        'it did not come back',
      );
      const client = stage.client();
      const key = stage.keyOf(NODE);
      stage.demand(
        cluster.runUntil(() => stage.ask(client, set(key, 'v')).outcome === 'ok'),
        'it takes no writes',
      );
    },
  },
];

function statusOf({ cluster }: Stage): string | undefined {
  return cluster.invariants.durableTable?.nodes.find(({ nodeId }) => nodeId === NODE)?.status;
}

function versionOf({ cluster }: Stage): number {
  return cluster.invariants.durableTable?.tableVersion ?? 0;
}

/** Every status that the node has from now on. */
function statusesOf(stage: Stage): ReadonlySet<string> {
  const seen = new Set<string>();
  const look = (): void => {
    seen.add(statusOf(stage) ?? 'absent');
    stage.cluster.queue.after(1, look);
  };
  look();
  return seen;
}
