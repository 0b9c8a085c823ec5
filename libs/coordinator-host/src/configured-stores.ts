/**
 * The stores of the configuration in a cluster that exists already. Those that it lacks are added; those that it has
 * stay as they are, since they may have been changed at run time, and the log says where that differs.
 */
import { differingFields, type ClusterTable, type StoreDefinition } from '#libs/cluster';
import type { LimitedLog } from './limited-log.js';
import type { StateKeeper } from './state/state-keeper.js';

export function addConfiguredStores(
  definitions: readonly StoreDefinition[],
  keeper: StateKeeper,
  log: LimitedLog,
): void {
  for (const definition of definitions) {
    const known = keeper.state.table?.stores.find(({ name }) => name === definition.name);
    if (known === undefined) {
      const outcome = keeper.apply({
        type: 'Change',
        requestId: '',
        changes: [{ type: 'CreateStore', definition }],
      });
      if (!outcome.ok) log.log('ERROR', 'COORDINATOR', `store "${definition.name}" of the settings: ${outcome.reason}`);
      continue;
    }
    const fields = differingFields(known, definition);
    if (fields.length === 0) continue;
    const message = `store "${known.name}" keeps what the cluster knows of it; the settings differ in ${fields.join(', ')}`;
    log.log('INFO', 'COORDINATOR', `${message} and count for new stores only: use STORE ALTER`);
  }
}

export function warnOfPartitionCount({ partitions }: ClusterTable, setting: number, log: LimitedLog): void {
  if (partitions.length === setting) return;
  const message = `the cluster was formed with ${partitions.length} partitions and keeps them; the setting ${setting} has no effect`;
  log.log('WARN', 'COORDINATOR', message);
}
