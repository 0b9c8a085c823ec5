/** What goes wrong in a run, and when: drawn from the seed before the run begins, so that it can be printed. */
import { storeFromPreset, type ClusterChange, type TableStore } from '#libs/cluster';
import { type ClusterSettings, coordinatorName, gatewayName, storageName } from './cluster-settings.js';
import { drainStorageNode, operateNodes } from './drain-faults.js';
import { PERFECT_LINKS } from './sim-network.js';
import type { SimCluster } from './sim-cluster.js';
import type { SimRng } from './sim-rng.js';

export interface Fault {
  readonly atMs: number;
  readonly name: string;
  /** Begins the fault and sees to its end. */
  readonly begin: (cluster: SimCluster) => void;
}

type FaultMaker = (context: FaultContext) => Omit<Fault, 'atMs'>;

interface FaultContext {
  readonly rng: SimRng;
  readonly storageNodes: readonly string[];
  readonly gateways: readonly string[];
  readonly coordinators: readonly string[];
  /** Until everything is healed. */
  readonly leftMs: number;
}

/** Adding a fault: one entry here. Listed more than once: drawn more often. */
const MAKERS: readonly FaultMaker[] = [
  crashStorageNode,
  crashStorageNode,
  crashGateway,
  crashCoordinator,
  stopSomebody,
  drainStorageNode,
  operateNodes,
  pauseSomebody,
  cutLink,
  cutLink,
  loseBus,
  loseBusEverywhere,
  lossyLinks,
  slowLinks,
  duplicatingLinks,
  reorderingLinks,
  skewClock,
  failDisk,
  defineStore,
  changeFilter,
];

/** How often a late storage node comes under load, and not when everything is healed. */
const LATE_JOIN_RATE = 0.7;
const MOVE_TROUBLE_RATE = 0.6;

/** Faults between `fromMs` and `toMs`; all end by themselves, and healing ends those that have not. */
export function drawFaults(rng: SimRng, settings: ClusterSettings, fromMs: number, toMs: number): Fault[] {
  const durationMs = toMs - fromMs;
  const count = Math.max(1, Math.round((durationMs / 1000) * rng.between(1, 4)));
  const storageNodes = names(settings.storageNodes + settings.lateStorageNodes, storageName);
  const gateways = names(settings.gateways, gatewayName);
  const coordinators = names(settings.coordinators, coordinatorName);
  const context = { rng, storageNodes, gateways, coordinators };
  const faults: Fault[] = [];
  for (let i = 0; i < count; i++) {
    const atMs = fromMs + rng.fraction() * durationMs * 0.9;
    faults.push({ atMs, ...rng.pick(MAKERS)({ ...context, leftMs: toMs - atMs }) });
  }
  for (const name of storageNodes.slice(settings.storageNodes)) {
    if (!rng.chance(LATE_JOIN_RATE)) continue;
    const begin = (cluster: SimCluster): void => cluster.machine(name).start();
    const atMs = fromMs + rng.fraction() * durationMs * 0.6;
    faults.push({ atMs, name: `${name} is started`, begin });
    if (rng.chance(MOVE_TROUBLE_RATE)) faults.push(...troubleDuringMoves(name, atMs, context));
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** Moves to a node that has joined begin soon afterwards, and are over in milliseconds: faults rarely meet them by chance. */
function troubleDuringMoves(name: string, joinedMs: number, context: Omit<FaultContext, 'leftMs'>): Fault[] {
  const { rng, storageNodes, coordinators } = context;
  const others = storageNodes.filter((other) => other !== name);
  const atMs = joinedMs + rng.between(80, 200);
  const slow = { atMs: joinedMs, ...slowLinks({ ...context, leftMs: 800 }) };
  const victim = rng.pick([name, ...others]);
  const trouble = rng.pick([
    crashed(victim, { ...context, leftMs: 300 }, 'kept'),
    cut(name, rng.pick(others.length > 0 ? others : coordinators), rng.between(100, 700), rng.chance(0.5)),
    crashed(rng.pick(coordinators), { ...context, leftMs: 300 }, 'lost'),
  ]);
  return rng.chance(0.5) ? [slow, { atMs, ...trouble }] : [{ atMs, ...trouble }];
}

/** Ends every fault: all machines run, all links are perfect, all clocks are right. */
export function healEverything(cluster: SimCluster): void {
  cluster.network.healAll();
  for (const machine of cluster.machines.values()) {
    machine.storage.faults = () => undefined;
    machine.reconnect();
    machine.start();
  }
}

function names(count: number, name: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => name(i));
}

function during(cluster: SimCluster, durationMs: number, end: () => void): void {
  cluster.queue.after(durationMs, end);
}

function crashed(name: string, { rng, leftMs }: FaultContext, power: 'kept' | 'lost'): Omit<Fault, 'atMs'> {
  const downMs = rng.chance(0.4) ? rng.between(1, 60) : rng.between(60, Math.min(1_500, leftMs));
  return {
    name: `crash ${name}${power === 'lost' ? ' with loss of power' : ''}, down for ${downMs.toFixed(0)} ms`,
    begin: (cluster) => {
      cluster.crash(name, power);
      during(cluster, downMs, () => cluster.machine(name).start());
    },
  };
}

function crashStorageNode(context: FaultContext): Omit<Fault, 'atMs'> {
  return crashed(context.rng.pick(context.storageNodes), context, 'kept');
}

function crashGateway(context: FaultContext): Omit<Fault, 'atMs'> {
  return crashed(context.rng.pick(context.gateways), context, 'kept');
}

function crashCoordinator(context: FaultContext): Omit<Fault, 'atMs'> {
  return crashed(context.rng.pick(context.coordinators), context, context.rng.chance(0.5) ? 'kept' : 'lost');
}

function stopSomebody({ rng, storageNodes, gateways, coordinators, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const name = rng.pick([...storageNodes, ...gateways, ...coordinators]);
  const downMs = rng.between(30, Math.min(1_500, leftMs));
  return {
    name: `stop ${name}, down for ${downMs.toFixed(0)} ms`,
    begin: (cluster) => {
      cluster.stop(name);
      during(cluster, downMs, () => cluster.machine(name).start());
    },
  };
}

function pauseSomebody({ rng, storageNodes, gateways, coordinators }: FaultContext): Omit<Fault, 'atMs'> {
  const name = rng.pick([...storageNodes, ...gateways, ...coordinators]);
  const pauseMs = rng.chance(0.5) ? rng.between(20, 200) : rng.between(200, 1_200);
  return {
    name: `pause ${name} for ${pauseMs.toFixed(0)} ms`,
    begin: (cluster) => cluster.machine(name).process?.pause(pauseMs),
  };
}

function cutLink({ rng, storageNodes, gateways, coordinators, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const all = [...storageNodes, ...gateways, ...coordinators];
  const a = rng.pick(all);
  const b = rng.pick(all.filter((name) => name !== a));
  return cut(a, b, rng.between(20, Math.min(1_500, leftMs)), rng.chance(0.6));
}

function cut(a: string, b: string, cutMs: number, isTwoWay: boolean): Omit<Fault, 'atMs'> {
  return {
    name: `cut ${a} ${isTwoWay ? '<->' : '->'} ${b} for ${cutMs.toFixed(0)} ms`,
    begin: ({ network, queue }) => {
      network.block(a, b);
      if (isTwoWay) network.block(b, a);
      queue.after(cutMs, () => {
        network.unblock(a, b);
        network.unblock(b, a);
      });
    },
  };
}

function loseBus({ rng, storageNodes, gateways, coordinators, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const name = rng.pick([...storageNodes, ...gateways, ...coordinators]);
  const lostMs = rng.between(10, Math.min(1_200, leftMs));
  return {
    name: `${name} loses the bus for ${lostMs.toFixed(0)} ms`,
    begin: (cluster) => {
      cluster.machine(name).disconnect();
      during(cluster, lostMs, () => cluster.machine(name).reconnect());
    },
  };
}

function loseBusEverywhere({ rng, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const lostMs = rng.between(20, Math.min(1_500, leftMs));
  return {
    name: `everybody loses the bus for about ${lostMs.toFixed(0)} ms`,
    begin: (cluster) => {
      for (const machine of cluster.machines.values()) {
        machine.disconnect();
        during(cluster, lostMs + rng.between(0, 100), () => machine.reconnect());
      }
    },
  };
}

function lossyLinks({ rng, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const dropRate = rng.between(0.005, 0.2);
  return degraded(`drop ${(dropRate * 100).toFixed(1)} % of the messages`, { dropRate }, rng, leftMs);
}

function slowLinks({ rng, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const maxDelayMs = rng.between(2, 150);
  return degraded(`delay messages by up to ${maxDelayMs.toFixed(0)} ms a hop`, { maxDelayMs }, rng, leftMs);
}

function duplicatingLinks({ rng, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const duplicateRate = rng.between(0.02, 0.5);
  return degraded(`duplicate ${(duplicateRate * 100).toFixed(0)} % of the messages`, { duplicateRate }, rng, leftMs);
}

function reorderingLinks({ rng, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const reorderRate = rng.between(0.02, 0.4);
  const reorderMs = rng.between(1, 50);
  const name = `hold ${(reorderRate * 100).toFixed(0)} % of the messages back by up to ${reorderMs.toFixed(0)} ms`;
  return degraded(name, { reorderRate, reorderMs }, rng, leftMs);
}

function degraded(
  what: string,
  change: Partial<typeof PERFECT_LINKS>,
  rng: SimRng,
  leftMs: number,
): Omit<Fault, 'atMs'> {
  const durationMs = rng.between(50, Math.min(1_500, leftMs));
  return {
    name: `${what} for ${durationMs.toFixed(0)} ms`,
    begin: ({ network, queue }) => {
      Object.assign(network.quality, change);
      const repaired = Object.fromEntries(
        Object.keys(change).map((key) => [key, PERFECT_LINKS[key as keyof typeof PERFECT_LINKS]]),
      );
      queue.after(durationMs, () => Object.assign(network.quality, repaired));
    },
  };
}

function skewClock({ rng, storageNodes, gateways, coordinators }: FaultContext): Omit<Fault, 'atMs'> {
  const name = rng.pick([...storageNodes, ...gateways, ...coordinators]);
  const offsetMs = rng.between(-60_000, 60_000);
  return {
    name: `the wall clock of ${name} jumps to ${offsetMs.toFixed(0)} ms off`,
    begin: (cluster) => cluster.machine(name).setWallOffset(offsetMs),
  };
}

function failDisk({ rng, coordinators, leftMs }: FaultContext): Omit<Fault, 'atMs'> {
  const name = rng.pick(coordinators);
  const code = rng.chance(0.5) ? 'io' : 'no-space';
  const rate = rng.between(0.2, 1);
  const durationMs = rng.between(50, Math.min(1_000, leftMs));
  return {
    name: `the disk of ${name} fails with ${code} at ${(rate * 100).toFixed(0)} % for ${durationMs.toFixed(0)} ms`,
    begin: (cluster) => {
      const { storage } = cluster.machine(name);
      storage.faults = () => (storage.rng.chance(rate) ? code : undefined);
      during(cluster, durationMs, () => {
        storage.faults = () => undefined;
      });
    },
  };
}

function defineStore({ rng }: FaultContext): Omit<Fault, 'atMs'> {
  const name = `store${1 + rng.below(5)}`;
  return {
    name: `${name} is created, or dropped where it is there`,
    begin: (cluster) =>
      change(cluster, (stores) =>
        stores.some((store) => store.name === name)
          ? { type: 'DropStore', name }
          : { type: 'CreateStore', definition: storeFromPreset('general', { name, memoryLimitBytes: 1024 * 1024 }) },
      ),
  };
}

function changeFilter({ rng }: FaultContext): Omit<Fault, 'atMs'> {
  const filter = rng.chance(0.4)
    ? { enabled: false }
    : { enabled: true, falsePositiveRate: rng.pick([0.1, 0.01, 0.001]) };
  return {
    name: `the filter becomes ${JSON.stringify(filter)}`,
    begin: (cluster) => change(cluster, () => ({ type: 'AlterStore', name: 'default', changes: { filter } })),
  };
}

function change(cluster: SimCluster, changeOf: (stores: readonly TableStore[]) => ClusterChange): void {
  const leader = cluster.leader ?? cluster.of('coordinator')[0];
  const { process, coordinator } = leader;
  const table = coordinator?.clusterTable();
  if (table === undefined) return;
  const { clusterId, tableVersion, stores } = table;
  const request = { clusterId, requestId: `change-${tableVersion}`, changes: [changeOf(stores)] };
  process?.enter(() => coordinator?.change(request, () => undefined));
}
