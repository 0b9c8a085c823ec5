export { MemoryDisk, type MemoryDiskOptions } from './memory-disk.js';
export type { DiskFault, DiskOperation, RunLater } from './disk-executor.js';
