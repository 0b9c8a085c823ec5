/**
 * What happens in one life of a whole cluster, as plain data: a seed draws it, and whoever looks for the shortest failing
 * history takes things out of it. What clients send, and how long messages take, is drawn while the life runs.
 */
import type { NodeChange } from '#libs/cluster';
import { coordinatorName, gatewayName, storageName } from '../cluster-settings.js';
import { SimRng } from '../sim-rng.js';

export const DEFAULT_SECONDS = 20;
/** Shorter lives have no room for trouble. */
export const LEAST_SECONDS = 8;
/** About so long take the beginning, and the end in which everything has to work again. */
const FRAME_MS = 1_500;
/** The weather changes so often, and with it how often something goes wrong. */
const SEASON_MS = 3_000;
/** In the place of a machine's name: the coordinator that leads at that moment. */
export const WHOEVER_LEADS = 'leader';

/** Of the network and the coordinators' disks. */
export interface ClusterWeather {
  /** Probabilities per message. */
  readonly drop: number;
  readonly double: number;
  readonly late: number;
  /** Longest delay of a hop, and of a disk's operation. */
  readonly hopMs: number;
  readonly diskMs: number;
}

export const CALM: ClusterWeather = { drop: 0, double: 0, late: 0, hopMs: 0.3, diskMs: 2 };

/** Machines are named; names that a life does not have are passed over. forMs: how long it lasts. */
export type ClusterStep = { readonly atMs: number } & (
  | { readonly kind: 'weather'; readonly weather: ClusterWeather }
  | { readonly kind: 'crash'; readonly machine: string; readonly forMs: number; readonly power: boolean }
  /** As by SIGTERM; a storage node that drains hands its partitions over first. */
  | { readonly kind: 'stop' | 'drain'; readonly machine: string; readonly forMs: number }
  | { readonly kind: 'pause' | 'lose-bus'; readonly machine: string; readonly forMs: number }
  /** Nobody has the bus. */
  | { readonly kind: 'outage'; readonly forMs: number }
  /** A link that breaks, in one direction or both. */
  | { readonly kind: 'cut'; readonly from: string; readonly to: string; readonly both: boolean; readonly forMs: number }
  /** Nothing passes between these and all others. */
  | { readonly kind: 'split'; readonly left: readonly string[]; readonly forMs: number }
  /** A link that works one way: hears nobody, or is heard by nobody. */
  | { readonly kind: 'deaf' | 'mute'; readonly machine: string; readonly forMs: number }
  /** From now on its wall clock is off by so much. */
  | { readonly kind: 'skew'; readonly machine: string; readonly offsetMs: number }
  | { readonly kind: 'disk-full' | 'disk-fails' | 'disk-hangs'; readonly machine: string; readonly forMs: number }
  /** A bit of what was durable flips while the process is away; the coordinator must refuse to start from that. */
  | { readonly kind: 'rot'; readonly machine: string; readonly at: number }
  /** The disk is lost: the coordinator comes back under its name with nothing, and is taken in once it was forgotten. */
  | { readonly kind: 'wipe'; readonly machine: string }
  /** A machine that has not run yet is started. */
  | { readonly kind: 'start'; readonly machine: string }
  /** The coordinator is taken out of the group for good: stopped, forgotten, its disk emptied. */
  | { readonly kind: 'remove'; readonly machine: string }
  /** An operator asks a gateway. */
  | { readonly kind: 'ask'; readonly gateway: string; readonly change: NodeChange | StoreWish }
);

/** A store is created, or dropped where it is there. */
export interface StoreWish {
  readonly type: 'ToggleStore';
  readonly name: string;
}

export interface ClusterPlan {
  readonly seed: number;
  readonly coordinators: number;
  readonly spareCoordinators: number;
  readonly storageNodes: number;
  readonly lateStorageNodes: number;
  readonly gateways: number;
  readonly clients: number;
  readonly partitions: number;
  /** Entries between two snapshots of a coordinator. */
  readonly snapshotEvery: number;
  /** Ascending by time, which counts from the moment when the cluster is ready. */
  readonly steps: readonly ClusterStep[];
  /** When everything is healed. */
  readonly endMs: number;
}

type Drawn = ClusterStep extends infer S ? (S extends ClusterStep ? Omit<S, 'atMs'> : never) : never;

interface Cast {
  readonly coordinators: readonly string[];
  readonly storageNodes: readonly string[];
  readonly gateways: readonly string[];
}

type Draw = (rng: SimRng, cast: Cast) => Drawn;

const anybody = (rng: SimRng, { coordinators, storageNodes, gateways }: Cast): string =>
  rng.pick(rng.pick([coordinators, [WHOEVER_LEADS], storageNodes, storageNodes, gateways]));
const coordinator = (rng: SimRng, { coordinators }: Cast): string =>
  rng.chance(0.4) ? WHOEVER_LEADS : rng.pick(coordinators);
const everybody = ({ coordinators, storageNodes, gateways }: Cast): readonly string[] => [
  ...coordinators,
  ...storageNodes,
  ...gateways,
];

/** How often each comes, beside the others. */
const MISFORTUNES: readonly (readonly [number, Draw])[] = [
  [6, drawCrash],
  [
    5,
    (rng, cast) => ({
      kind: 'crash',
      machine: coordinator(rng, cast),
      forMs: rng.between(5, 1_000),
      power: rng.chance(0.5),
    }),
  ],
  [3, (rng, cast) => ({ kind: 'stop', machine: anybody(rng, cast), forMs: rng.between(20, 1_200) })],
  [3, (rng, { storageNodes }) => ({ kind: 'drain', machine: rng.pick(storageNodes), forMs: rng.between(20, 1_000) })],
  [
    5,
    (rng, cast) => ({
      kind: 'pause',
      machine: anybody(rng, cast),
      forMs: rng.between(20, rng.chance(0.5) ? 200 : 1_500),
    }),
  ],
  [3, (rng, cast) => ({ kind: 'lose-bus', machine: anybody(rng, cast), forMs: rng.between(10, 1_200) })],
  [1, (rng) => ({ kind: 'outage', forMs: rng.between(20, 1_500) })],
  [5, drawCut],
  [4, drawSplit],
  [
    4,
    (rng, cast) => ({
      kind: rng.pick(['deaf', 'mute'] as const),
      machine: anybody(rng, cast),
      forMs: rng.between(30, 1_000),
    }),
  ],
  [1, (rng, cast) => ({ kind: 'skew', machine: rng.pick(everybody(cast)), offsetMs: rng.between(-60_000, 60_000) })],
  [2, drawDisk],
  [0.7, (rng, { coordinators }) => ({ kind: 'rot', machine: rng.pick(coordinators), at: rng.fraction() })],
  [0.7, (rng, { coordinators }) => ({ kind: 'wipe', machine: rng.pick(coordinators) })],
  [3, (rng, { storageNodes }) => ({ kind: 'start', machine: rng.pick(storageNodes) })],
  [2, (rng, { coordinators }) => ({ kind: 'start', machine: rng.pick(coordinators) })],
  [1, (rng, { coordinators }) => ({ kind: 'remove', machine: rng.pick(coordinators) })],
  [14, drawWish],
];
const ALL_WEIGHTS = MISFORTUNES.reduce((sum, [weight]) => sum + weight, 0);

export function drawClusterPlan(seed: number, seconds = DEFAULT_SECONDS): ClusterPlan {
  const rng = new SimRng(seed).fork('cluster plan');
  const size = {
    coordinators: rng.chance(0.8) ? 3 : 5,
    spareCoordinators: rng.below(3),
    storageNodes: 3 + rng.below(3),
    lateStorageNodes: rng.below(3),
    gateways: 1 + rng.below(2),
    clients: 2 + rng.below(2),
    partitions: rng.pick([8, 16, 32]),
    snapshotEvery: rng.pick([20, 60, 10_000]),
  };
  const cast: Cast = {
    coordinators: names(size.coordinators + size.spareCoordinators, coordinatorName),
    storageNodes: names(size.storageNodes + size.lateStorageNodes, storageName),
    gateways: names(size.gateways, gatewayName),
  };
  const endMs = Math.max(SEASON_MS, seconds * 1000 - FRAME_MS);
  const steps: ClusterStep[] = [];
  for (let fromMs = 0; fromMs < endMs; fromMs += SEASON_MS) {
    drawSeason(rng, cast, fromMs, Math.min(endMs, fromMs + SEASON_MS), steps);
  }
  steps.sort((a, b) => a.atMs - b.atMs);
  return { seed, ...size, steps, endMs };
}

function drawSeason(rng: SimRng, cast: Cast, fromMs: number, toMs: number, steps: ClusterStep[]): void {
  steps.push({ atMs: Math.round(fromMs), kind: 'weather', weather: rng.chance(0.3) ? CALM : drawWeather(rng) });
  const meanMs = rng.pick([150, 300, 600]);
  for (let atMs = fromMs + rng.between(0, meanMs); atMs < toMs; atMs += rng.between(0.5, 1.5) * meanMs) {
    steps.push({ atMs: Math.round(atMs), ...drawMisfortune(rng, cast) } as ClusterStep);
  }
}

function drawMisfortune(rng: SimRng, cast: Cast): Drawn {
  let at = rng.between(0, ALL_WEIGHTS);
  const row = MISFORTUNES.find(([weight]) => (at -= weight) < 0) ?? MISFORTUNES[0];
  return row[1](rng, cast);
}

function drawWeather(rng: SimRng): ClusterWeather {
  return {
    drop: rng.pick([0, 0.01, 0.1]),
    double: rng.pick([0, 0.1, 0.3]),
    late: rng.pick([0, 0.05, 0.2]),
    hopMs: rng.pick([0.3, 3, 40]),
    diskMs: rng.pick([0.5, 2, 20]),
  };
}

function drawCrash(rng: SimRng, { storageNodes, gateways }: Cast): Drawn {
  const machine = rng.chance(0.7) ? rng.pick(storageNodes) : rng.pick(gateways);
  return { kind: 'crash', machine, forMs: rng.between(5, rng.chance(0.5) ? 80 : 2_000), power: false };
}

function drawCut(rng: SimRng, cast: Cast): Drawn {
  const from = anybody(rng, cast);
  const to = rng.pick(everybody(cast).filter((name) => name !== from));
  return { kind: 'cut', from, to, both: rng.chance(0.5), forMs: rng.between(20, 1_500) };
}

function drawSplit(rng: SimRng, cast: Cast): Drawn {
  const ofAll = rng.chance(0.5) ? everybody(cast) : cast.coordinators;
  return { kind: 'split', left: ofAll.filter(() => rng.chance(0.4)), forMs: rng.between(50, 1_500) };
}

function drawDisk(rng: SimRng, cast: Cast): Drawn {
  const kind = rng.pick(['disk-full', 'disk-fails', 'disk-hangs'] as const);
  return { kind, machine: coordinator(rng, cast), forMs: rng.between(20, 900) };
}

function drawWish(rng: SimRng, { storageNodes, gateways }: Cast): Drawn {
  const nodeId = rng.pick(storageNodes);
  const change = rng.pick<NodeChange | StoreWish>([
    { type: 'DrainNode', nodeId },
    { type: 'UndrainNode', nodeId },
    { type: 'ForgetNode', nodeId },
    { type: 'MovePrimary', partition: rng.below(8), target: rng.chance(0.5) ? nodeId : '' },
    { type: 'MovePrimary', partition: rng.below(8), target: '' },
    { type: 'Rebalance' },
    { type: 'CancelMoves', nodeId: '' },
    { type: 'ToggleStore', name: `store${1 + rng.below(4)}` },
    { type: 'ToggleStore', name: `store${1 + rng.below(4)}` },
  ]);
  return { kind: 'ask', gateway: rng.pick(gateways), change };
}

function names(count: number, name: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => name(i));
}
