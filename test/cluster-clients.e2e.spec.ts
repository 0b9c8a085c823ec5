// Real clients against a cluster: two gateways and three storage nodes over a real nats-server.
import { allCases, CASES_ENVIRONMENT } from './client-cases/all-cases.js';
import { PASSWORD, type Guarded, type Target } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';

let cluster: HyperCacheCluster;
let target: Target;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, storageNodes: 3, environment: CASES_ENVIRONMENT });
  target = { mode: 'cluster', respPorts: cluster.gateways.map(({ ports }) => ports.respPort), startGuarded };
}, 120_000);
afterAll(() => cluster?.stop());

/** A gateway of its own kind in the same cluster. */
async function startGuarded(): Promise<Guarded> {
  const gateway = cluster.add('gateway', 'gateway-guarded', { HC_PASSWORD: PASSWORD });
  await gateway.start();
  return { respPort: gateway.ports.respPort, stop: async () => void (await gateway.terminate()) };
}

describe('a cluster', () => {
  allCases(() => target);
});
