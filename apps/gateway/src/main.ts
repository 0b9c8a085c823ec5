import { setUpRest } from '#libs/rest';
import { natsBuses, runService } from '#libs/service';
import { makeApi } from './api.js';
import { GatewayAppModule } from './gateway.module.js';

await runService({
  role: 'gateway',
  connectBuses: natsBuses,
  modules: [GatewayAppModule],
  hasBusControllers: false,
  api: makeApi,
  setUpApi: setUpRest,
});
