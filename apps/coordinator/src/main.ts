import { natsBuses, runService } from '#libs/service';
import { CoordinatorAppModule } from './coordinator.module.js';

await runService({
  role: 'coordinator',
  connectBuses: natsBuses,
  modules: [CoordinatorAppModule],
  hasBusControllers: true,
});
