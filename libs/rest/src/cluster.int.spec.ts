import { RestFixture } from './testing/rest-fixture.js';

describe('stores and cluster over REST', () => {
  let rest: RestFixture;
  beforeAll(async () => {
    rest = await RestFixture.start();
  });
  afterAll(() => rest.stop());

  const get = async (path: string): Promise<unknown> => (await rest.fetch(`/api/v1/${path}`)).json();

  it('lists the stores', async () => {
    expect(await get('stores')).toEqual({
      stores: [
        {
          name: 'default',
          type: 'general',
          policy: 'sieve',
          eviction_scope: 'all',
          memory_limit_bytes: 1_000_000,
          default_ttl_ms: null,
          ttl_prefixes: [],
          idle_ttl_ms: null,
          max_ttl_ms: null,
          timestamps: false,
          replicas: 1,
          filter: { enabled: false, false_positive_rate: 0.01, near_staleness_ms: 0 },
        },
        expect.objectContaining({ name: 'sessions', default_ttl_ms: 60_000, idle_ttl_ms: 1_800_000 }),
      ],
    });
  });

  it('counts a store’s keys, by database where it has them', async () => {
    for (const path of ['default/keys/a', 'default/keys/b', 'default/keys/a?database=3', 'sessions/keys/a']) {
      await rest.fetch(`/api/v1/stores/${path}`, { method: 'PUT', body: 'v' });
    }
    expect(await get('stores/default')).toMatchObject({ statistics: { keys: 3, databases: { 0: 2, 3: 1 } } });
    expect(await get('stores/sessions')).toMatchObject({ name: 'sessions', statistics: { keys: 1 } });
  });

  it('describes a store whose nodes are out of reach', async () => {
    rest.gateway.failures.push('CLUSTERDOWN The cluster is down');
    expect(await get('stores/sessions')).toMatchObject({ statistics: null, statistics_error: 'The cluster is down' });
  });

  it('describes the cluster', async () => {
    expect(await get('cluster')).toMatchObject({
      id: 'c1',
      mode: 'cluster',
      table_version: 7,
      epoch: 3,
      partitions: { total: 4, served: 3, unserved: 1, moving: 1, under_replicated: 1, changing_owners: 1 },
      copies: { wanted: 1, possible: 1, shortage: null },
      nodes: [
        { id: 'gw-1', role: 'gateway', self: true, address: { host: '127.0.0.1', resp_port: 6379, http_port: null } },
        {
          id: 's1',
          role: 'storage-node',
          state: 'up',
          partitions: 3,
          copies: 3,
          self: false,
          zone: 'a',
          weight: 1,
          version: '0.1.0',
          capacity_bytes: 1_000,
          capabilities: ['probes'],
        },
        expect.not.objectContaining({ capacity_bytes: expect.anything() }),
      ],
      absent: ['s3'],
    });
  });

  it('tells nothing of nodes that have not been heard but what the table says', async () => {
    const { nodes } = (await get('cluster')) as { nodes: object[] };
    expect(nodes[2]).toMatchObject({ id: 's2', state: 'down', partitions: 1 });
    expect(nodes[2]).not.toHaveProperty('capabilities');
  });

  it('lists the partitions', async () => {
    expect(await get('cluster/partitions')).toMatchObject({
      table_version: 7,
      partitions: [
        { partition: 0, epoch: 3, primary: 's1', owners: ['s1'], outgoing: [], moving_to: null, replaces: null },
        { partition: 1, primary: 's1', owners: ['s2', 's1'], outgoing: ['s2'] },
        { partition: 2, moving_to: 's2', replaces: 's1' },
        { partition: 3, primary: null, owners: ['s2'] },
      ],
    });
  });

  it('tells how evenly the partitions lie', async () => {
    const common = { zone: 'a', weight: 1, moves_pending: 1, share: 2.5 };
    expect(await get('cluster/ring')).toEqual({
      table_version: 7,
      partitions: 4,
      copies: 5,
      unowned: 0,
      load_factor: 1.2,
      standard_deviation: 0.5,
      max_deviation: 0.2,
      moves: { active: 1, pending: 1 },
      nodes: [
        { ...common, id: 's1', state: 'up', partitions: 3, primaries: 3, deviation: 0.2 },
        { ...common, id: 's2', state: 'down', partitions: 2, primaries: 1, deviation: -0.2 },
      ],
    });
  });

  it('knows only itself before it has a table', async () => {
    const { routing } = rest.gateway;
    rest.gateway.routing = undefined;
    expect(await get('cluster')).toMatchObject({ partitions: { served: 0 }, nodes: [{ id: 'gw-1', partitions: 0 }] });
    const response = await rest.fetch('/api/v1/cluster/partitions');
    const ring = await rest.fetch('/api/v1/cluster/ring');
    const store = await rest.fetch('/api/v1/stores/unknown-as-yet');
    rest.gateway.routing = routing;
    expect([response.status, ring.status, store.status]).toEqual([503, 503, 503]);
    expect(response.headers.get('retry-after')).toBe('1');
  });

  it('sends security headers and does not name its framework', async () => {
    const { headers } = await rest.fetch('/api/v1/stores');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
