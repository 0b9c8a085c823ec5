import { natsBuses, runService } from '#libs/service';
import { StorageNodeAppModule } from './storage-node.module.js';

await runService({
  role: 'storage-node',
  connectBuses: natsBuses,
  modules: [StorageNodeAppModule],
  hasBusControllers: false,
});
