export { diskContract, type DiskHarness } from './disk.contract.js';
export { rngContract } from './rng.contract.js';
export { timeContract, type TimeHarness } from './time.contract.js';
