import { setUpRest } from '#libs/rest';
import { inProcessBuses, runService } from '#libs/service';
import { makeApi } from './api.js';
import { greeting } from './greeting.js';
import { StandaloneAppModule } from './standalone.module.js';

await runService({
  role: 'standalone',
  connectBuses: inProcessBuses,
  modules: [StandaloneAppModule],
  hasBusControllers: true,
  api: makeApi,
  setUpApi: setUpRest,
  greeting,
});
