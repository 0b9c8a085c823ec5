import { totalmem } from 'node:os';
import type { HyperCacheConfig } from './hypercache-config.js';
import { formatBytes } from './values.js';

/** What is left to the process itself, to the system and to others. */
const SHARE_OF_STORES = 0.6;

/** Memory of the machine, or of the container where that has less. */
export function machineMemoryBytes(): number {
  const total = totalmem();
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < total ? constrained : total;
}

/** Memory of all stores of a storage node together. */
export function nodeMemoryBytes({ memory }: HyperCacheConfig, machineBytes = machineMemoryBytes()): number {
  return memory.nodeLimit > 0 ? memory.nodeLimit : Math.floor(machineBytes * SHARE_OF_STORES);
}

/** Limits that this machine cannot hold: a warning each, since the file may be that of another machine. */
export function memoryWarnings(config: HyperCacheConfig, machineBytes = machineMemoryBytes()): readonly string[] {
  const { memory, stores } = config;
  const limits: (readonly [path: string, bytes: number])[] = [
    ['memory.node_limit', memory.nodeLimit],
    ['memory.default_limit', memory.defaultLimit],
    ...stores.map(({ name, memoryLimit }) => [`memory_limit of the store "${name}"`, memoryLimit ?? 0] as const),
  ];
  return limits
    .filter(([, bytes]) => bytes > machineBytes)
    .map(
      ([path, bytes]) => `${path}: ${formatBytes(bytes)} is more than this machine has, ${formatBytes(machineBytes)}`,
    );
}
