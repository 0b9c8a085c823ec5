import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import type { StorageContext } from '../storage-context.js';

/** HC.RESETSTAT: CONFIG RESETSTAT's part at the storage nodes. */
export const hcResetstat = defineStorageCommand({
  id: 926,
  name: 'hc.resetstat',
  arity: 1,
  route: 'all',
  merge: 'ok',
  flags: ['admin', 'noscript'],
  group: 'store',
  since: 'hypercache',
  summary: 'Resets what storage nodes count of commands, keys, stores and filters.',
  complexity: 'O(N) where N is the number of stores.',
  execute,
});

function execute({ reply, resetStatistics }: StorageContext): Outcome {
  resetStatistics();
  reply.ok();
  return 'done';
}
