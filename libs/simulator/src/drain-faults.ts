/** What operators and orchestrators do to storage nodes while everything else goes wrong. */
import type { NodeChange } from '#libs/cluster';
import type { SimCluster } from './sim-cluster.js';
import type { SimRng } from './sim-rng.js';

interface Wish {
  readonly name: string;
  readonly begin: (cluster: SimCluster) => void;
}

interface Choices {
  readonly rng: SimRng;
  readonly storageNodes: readonly string[];
  readonly gateways: readonly string[];
  readonly leftMs: number;
}

/** How often it is looked whether a node that hands its partitions over has ended. */
const LOOK_MS = 50;

/** A storage node is told to stop, hands over what it can, and is started again some time after its end. */
export function drainStorageNode({ rng, storageNodes, leftMs }: Choices): Wish {
  const name = rng.pick(storageNodes);
  const downMs = rng.between(10, Math.min(1_000, leftMs));
  return {
    name: `drain and stop ${name}, down for ${downMs.toFixed(0)} ms`,
    begin: (cluster) => {
      const machine = cluster.machine(name);
      const { process } = machine;
      if (process === undefined) return;
      cluster.drainAndStop(name);
      const revive = (): void => {
        if (machine.process !== process) cluster.queue.after(downMs, () => machine.start());
        else cluster.queue.after(LOOK_MS, revive);
      };
      revive();
    },
  };
}

/** Somebody asks a gateway for a change of who owns what; whatever it answers is right. */
export function operateNodes({ rng, storageNodes, gateways }: Choices): Wish {
  const nodeId = rng.pick(storageNodes);
  const change = rng.pick<NodeChange>([
    { type: 'DrainNode', nodeId },
    { type: 'UndrainNode', nodeId },
    { type: 'ForgetNode', nodeId },
    { type: 'MovePrimary', partition: rng.below(4), target: rng.chance(0.5) ? nodeId : '' },
    { type: 'Rebalance' },
    { type: 'CancelMoves', nodeId: '' },
  ]);
  const gateway = rng.pick(gateways);
  return {
    name: `ask ${gateway} for ${JSON.stringify(change)}`,
    begin: (cluster) => {
      const machine = cluster.machine(gateway);
      machine.process?.enter(() => machine.gateway?.change([change], () => undefined));
    },
  };
}
