// Real clients against one standalone process.
import { allCases, CASES_ENVIRONMENT } from './client-cases/all-cases.js';
import { PASSWORD, type Guarded, type Target } from './client-cases/target.js';
import { startStandalone, type Standalone } from './support/hypercache.js';

let standalone: Standalone;
let target: Target;

beforeAll(async () => {
  standalone = await startStandalone(CASES_ENVIRONMENT);
  target = { mode: 'standalone', respPorts: [standalone.service.ports.respPort], startGuarded };
}, 120_000);
afterAll(() => standalone?.stop());

async function startGuarded(): Promise<Guarded> {
  const { service, stop } = await startStandalone({ HC_PASSWORD: PASSWORD });
  return { respPort: service.ports.respPort, stop };
}

describe('standalone', () => {
  allCases(() => target);
});
