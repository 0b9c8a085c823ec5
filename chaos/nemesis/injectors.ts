/** How each fault is begun and healed. An injector answers what heals it; healing has its own time limits. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosCluster } from '../cluster/chaos-cluster.js';
import type { World } from '../world/world.js';
import { type Fault, type FaultKind, NATS } from './fault.js';

export interface Scene {
  readonly cluster: ChaosCluster;
  readonly world: World;
  /** Adds to what the journal says of this fault. */
  readonly note: (text: string) => void;
}

export type Heal = () => Promise<void>;
type Injector = (fault: Fault, scene: Scene) => Promise<Heal>;

/** Nothing was done: who was to be hit is not there, or the cluster refuses. */
export class NotDone extends Error {
  override readonly name = 'NotDone';
}

const UNDRAIN_LIMIT_MS = 60_000;
const RETRY_MS = 250;
/** A full disk fills up again as often as the node makes room on it. */
const REFILL_MS = 100;

export const INJECTORS: Readonly<Record<FaultKind, Injector>> = {
  kill: async ({ targets }, scene) => killed(readyOnes(targets, scene), scene),
  pause: ({ targets }, scene) => paused(readyOnes(targets, scene), scene),
  nats: (fault, scene) => {
    const isKill = fault.kind === 'nats' && fault.way === 'kill';
    return isKill ? killed([NATS], scene) : paused([NATS], scene);
  },
  partition: async (fault, { world }) => {
    const way = fault.kind === 'partition' ? fault.way : 'both';
    for (const id of fault.targets) world.cut(id, way);
    return async () => {
      for (const id of fault.targets) world.mend(id);
    };
  },
  disk: async ({ targets }, { cluster, world }) => {
    const folders = targets.map((id) => cluster.dataFolderOf(id));
    const fill = (): void => folders.forEach((folder) => world.fillDisk(folder));
    fill();
    const refilling = setInterval(fill, REFILL_MS);
    return async () => {
      clearInterval(refilling);
      for (const folder of folders) world.emptyDisk(folder);
    };
  },
  join: async ({ targets: [newcomer] }, scene) => {
    if (scene.cluster.of(newcomer).isRunning) throw new NotDone('it is there already');
    await broughtUp(newcomer, scene);
    return () => stopped(newcomer, scene);
  },
  drain: async (fault, scene) => {
    const [id] = readyOnes(fault.targets, scene);
    if (fault.kind === 'drain' && fault.way === 'command') return drained(id, scene);
    await stopped(id, scene);
    return () => broughtUp(id, scene);
  },
};

function readyOnes(targets: readonly string[], { cluster, note }: Scene): readonly string[] {
  const ready = targets.filter((id) => cluster.of(id).state === 'ready');
  if (ready.length === 0) throw new NotDone(`${targets.join(', ')} does not run`);
  for (const id of targets) if (!ready.includes(id)) note(`${id} did not run`);
  return ready;
}

async function killed(ids: readonly string[], scene: Scene): Promise<Heal> {
  await Promise.all(ids.map((id) => scene.cluster.of(id).kill()));
  return async () => {
    await Promise.all(ids.map((id) => broughtUp(id, scene)));
  };
}

async function paused(ids: readonly string[], { cluster }: Scene): Promise<Heal> {
  for (const id of ids) cluster.of(id).signal('SIGSTOP');
  return async () => {
    for (const id of ids) cluster.of(id).signal('SIGCONT');
  };
}

async function broughtUp(id: string, { cluster, note }: Scene): Promise<void> {
  for (const failure of await cluster.bringUp(id)) note(`a start failed: ${failure}`);
}

async function stopped(id: string, { cluster, note }: Scene): Promise<void> {
  if (!(await cluster.stop(id))) note(`${id} did not end on SIGTERM and was killed`);
}

async function drained(id: string, { cluster }: Scene): Promise<Heal> {
  try {
    await cluster.ask((view) => view.drain(id));
  } catch (error) {
    throw new NotDone((error as Error).message);
  }
  return () => undrained(id, cluster);
}

/** A process that was started meanwhile has ended the wish already. */
async function undrained(id: string, cluster: ChaosCluster): Promise<void> {
  const deadlineMs = performance.now() + UNDRAIN_LIMIT_MS;
  for (;;) {
    try {
      await cluster.ask((view) => view.undrain(id));
      return;
    } catch (error) {
      if (/ answered 409: /.test((error as Error).message)) return;
      if (performance.now() > deadlineMs) throw error;
    }
    await sleep(RETRY_MS);
  }
}
