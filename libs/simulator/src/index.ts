export { SimCluster, type SimClusterOptions } from './sim-cluster.js';
export { checkKey, type LinearizabilityResult } from './linearizability.js';
export { History, formatOperation, type KeyOperation } from './history.js';
export { runSeed, type SimReport, type SimRunOptions } from './sim-run.js';
export { EventQueue } from './event-queue.js';
export { SimRng } from './sim-rng.js';
export { SimDisk, SimStorage, type DiskFaults, type DiskOperationName, type LaterTurns } from './sim-disk.js';
