import { alteredStore, storeFaults, storeFromPreset, type ClusterChange, type StoreDefinition } from '#libs/cluster';
import { decodeReply, RespError } from '#libs/resp';
import { latin1Bytes } from '#libs/kernel';
import { decoded } from '../testing/decoded.js';
import { GatewayBench } from '../testing/gateway-bench.js';
import { StorageBench } from '../testing/storage-bench.js';
import { STORE_VALUE_NAMES, type StoreReport, type StoreValues } from './store-report.js';
import { summariesOf } from './store-summary.js';

const MIB = 1024 * 1024;
const OK = '+OK\r\n';

let bench: GatewayBench;
beforeEach(() => {
  bench = new GatewayBench();
});

function definitionOf([change]: readonly ClusterChange[]): StoreDefinition {
  if (change?.type !== 'CreateStore') throw new Error('no store was created');
  return change.definition;
}

/** A flat reply of names and values. */
function fieldsOf(reply: string): Map<unknown, unknown> {
  const flat = decoded(reply) as unknown[];
  return new Map(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]));
}

describe('STORE CREATE', () => {
  it('takes the preset of the type for what is not given', () => {
    expect(bench.run('STORE CREATE plain')).toBe(OK);
    expect(definitionOf(bench.changes)).toEqual(storeFromPreset('general', { name: 'plain' }));
    bench.changes.length = 0;
    expect(bench.run('STORE CREATE web TYPE session')).toBe(OK);
    expect(definitionOf(bench.changes)).toEqual(storeFromPreset('session', { name: 'web' }));
  });

  it('reads every option, in any order and case', () => {
    const line =
      'store create web ttl 5 type SESSION maxmemory 100mb ttlprefix a: 60000 TTLPREFIX b: 0 idle 7 maxttl 9 timestamps YES replicas 3 filter 0.001';
    expect(bench.run(line)).toBe(OK);
    const definition = definitionOf(bench.changes);
    expect(definition).toEqual(
      storeFromPreset('session', {
        name: 'web',
        memoryLimitBytes: 100 * MIB,
        defaultTtlMs: 5,
        ttlPrefixes: [
          { prefix: 'a:', ttlMs: 60_000 },
          { prefix: 'b:', ttlMs: 0 },
        ],
        idleTtlMs: 7,
        maxTtlMs: 9,
        timestamps: true,
        replicas: 3,
        filter: { enabled: true, falsePositiveRate: 0.001, nearStalenessMs: 0 },
      }),
    );
    expect(storeFaults(definition)).toEqual([]);
  });

  it('makes as many copies as the cluster is configured for, where nothing is said', () => {
    bench.defaultReplicas = 2;
    bench.run('STORE CREATE s');
    bench.run('STORE CREATE t REPLICAS 1');
    expect(bench.changes).toMatchObject([{ definition: { replicas: 2 } }, { definition: { replicas: 1 } }]);
  });

  it.each([
    ['POLICY lru', { policy: 'lru', evictionScope: 'all' }],
    ['POLICY Volatile-LRU', { policy: 'lru', evictionScope: 'volatile' }],
    ['POLICY allkeys-lfu', { policy: 'w-tinylfu', evictionScope: 'all' }],
    ['POLICY ttl-only', { policy: 'ttl-only', evictionScope: 'volatile' }],
    ['POLICY s3-fifo SCOPE volatile', { policy: 's3-fifo', evictionScope: 'volatile' }],
    ['POLICY noeviction', { policy: 'noeviction', evictionScope: 'all' }],
    ['MAXMEMORY 1GB', { memoryLimitBytes: 1024 * MIB }],
    ['MAXMEMORY 2m', { memoryLimitBytes: 2_000_000 }],
    ['MAXMEMORY 1048576', { memoryLimitBytes: MIB }],
    ['TIMESTAMPS no', { timestamps: false }],
    ['FILTER OFF', { filter: { enabled: false, falsePositiveRate: 0.01, nearStalenessMs: 0 } }],
    ['FILTER on', { filter: { enabled: true, falsePositiveRate: 0.01, nearStalenessMs: 0 } }],
    [
      'FILTER 0.02 NEAR-FILTER-STALENESS-MS 500',
      { filter: { enabled: true, falsePositiveRate: 0.02, nearStalenessMs: 500 } },
    ],
    ['NEAR-FILTER-STALENESS-MS 0', { filter: { enabled: false, falsePositiveRate: 0.01, nearStalenessMs: 0 } }],
  ])('understands %s', (options, expected) => {
    expect(bench.run(`STORE CREATE s ${options}`)).toBe(OK);
    expect(definitionOf(bench.changes)).toMatchObject(expected);
  });

  it.each([
    ['SIZE 1', /unknown option 'SIZE'; use TYPE, MAXMEMORY, .* FILTER/],
    ['TYPE', /TYPE: its value is missing/],
    ['TTLPREFIX a:', /TTLPREFIX: its value is missing/],
    ['REPLICAS two', /REPLICAS 'two': use a number of copies/],
    ['TYPE cache', /TYPE 'cache': use general, session, ttl-only/],
    ['POLICY fifo', /POLICY 'fifo': use sieve, .*noeviction, allkeys-lru/],
    ['SCOPE some', /SCOPE 'some': use all, volatile/],
    ['MAXMEMORY lots', /MAXMEMORY 'lots': use bytes, such as 100mb/],
    ['MAXMEMORY -1', /MAXMEMORY '-1'/],
    ['MAXMEMORY 99999999999tb', /MAXMEMORY/],
    ['TTL -1', /TTL '-1': use milliseconds/],
    ['IDLE soon', /IDLE 'soon'/],
    ['TTLPREFIX a: never', /TTLPREFIX 'never'.*OFF/],
    ['FILTER 1%', /FILTER '1%': use a false positive rate/],
  ])('refuses %s and says what is allowed', (options, reason) => {
    expect(bench.run(`STORE CREATE s ${options}`)).toMatch(reason);
    expect(bench.changes).toEqual([]);
  });

  it('ends with many options', () => {
    expect(bench.run(`STORE CREATE s ${'TTL 1 '.repeat(65)}`)).toMatch(/^-ERR STORE CREATE/);
  });

  it.each([
    ['exists', '-ERR there'],
    ['unavailable', '-CLUSTERDOWN there'],
    ['timeout', '-TIMEOUT there'],
  ] as const)('tells of %s', (code, prefix) => {
    bench.outcome = { ok: false, code, reason: 'there is a reason' };
    expect(bench.run('STORE CREATE s')).toBe(`${prefix} is a reason\r\n`);
  });
});

describe('STORE ALTER and STORE DROP', () => {
  it('change what is given alone', () => {
    expect(bench.run('STORE ALTER sessions MAXMEMORY 5mb TTLPREFIX a: 5 TTLPREFIX b: OFF FILTER OFF')).toBe(OK);
    const changes = {
      memoryLimitBytes: 5 * MIB,
      ttlPrefixChanges: [
        { prefix: 'a:', ttlMs: 5 },
        { prefix: 'b:', ttlMs: undefined },
      ],
      filter: { enabled: false },
    };
    expect(bench.changes).toEqual([{ type: 'AlterStore', name: 'sessions', changes }]);
    const before = storeFromPreset('session', { name: 'sessions', ttlPrefixes: [{ prefix: 'b:', ttlMs: 1 }] });
    expect(alteredStore(before, changes)).toEqual({
      ...before,
      memoryLimitBytes: 5 * MIB,
      ttlPrefixes: [{ prefix: 'a:', ttlMs: 5 }],
    });
  });

  it('drop by name', () => {
    expect(bench.run('STORE DROP sessions')).toBe(OK);
    expect(bench.changes).toEqual([{ type: 'DropStore', name: 'sessions' }]);
    expect(bench.run('STORE ALTER sessions TTL')).toMatch(/wrong number of arguments/);
  });
});

describe('filters', () => {
  it('are switched and set by commands of their own', () => {
    bench.run('HFILTER sessions enable');
    bench.run('HFILTER sessions DISABLE');
    bench.run('HSET_FILTER sessions false_positive_rate 0.001');
    bench.run('HSET_FILTER sessions enabled on');
    const filters = bench.changes.map((change) => change.type === 'AlterStore' && change.changes.filter);
    expect(filters).toEqual([{ enabled: true }, { enabled: false }, { falsePositiveRate: 0.001 }, { enabled: true }]);
  });

  it('refuse what they do not know', () => {
    expect(bench.run('HFILTER sessions maybe')).toMatch(/use enable or disable/);
    expect(bench.run('HSET_FILTER sessions size 3')).toMatch(/use enabled, false_positive_rate or near-staleness-ms/);
    expect(bench.run('HSET_FILTER sessions near-staleness-ms soon')).toMatch(/use milliseconds/);
    expect(bench.run('HSET_FILTER sessions false_positive_rate low')).toMatch(/use a share/);
    expect(bench.run('HSET_FILTER sessions enabled 7')).toMatch(/use on or off/);
    expect(bench.run('HGET_FILTER nothing')).toMatch(/no store "nothing"; stores: default, sessions/);
  });

  it('show how they are set, and what they do on all nodes together', () => {
    nodes(
      [
        report('sessions', {
          filter_shards: 4,
          filter_built_permille: 4_000,
          filter_ready_shards: 4,
          filter_items: 10,
        }),
      ],
      [
        report('sessions', {
          filter_shards: 4,
          filter_built_permille: 2_500,
          filter_ready_shards: 2,
          filter_rate_ppm: 600,
          filter_items: 5,
          filter_lookups: 7,
          filter_absent: 6,
        }),
      ],
    );
    bench.nearFigures = { hits: 3, copies: 4, bytes: 500, refreshes: 9 };
    const near = { near_filter_hits: 3, near_filter_copies: 4, near_filter_bytes: 500, near_filter_refreshes: 9 };
    expect(Object.fromEntries(fieldsOf(bench.run('HGET_FILTER sessions')))).toEqual({
      filter_enabled: 0,
      filter_false_positive_rate: '0.01',
      filter_near_staleness_ms: 0,
      filter_progress: '0.8125',
      filter_items: 15,
      filter_bytes: 0,
      filter_refused_shards: 0,
      filter_estimated_rate: '0.000100',
      filter_lookups: 7,
      filter_absent: 6,
      filter_false_positives: 0,
      filter_bypassed: 0,
      ...near,
    });
    bench.value = new RespError('CLUSTERDOWN The cluster is down');
    expect(Object.fromEntries(fieldsOf(bench.run('HGET_FILTER sessions')))).toEqual({
      filter_enabled: 0,
      filter_false_positive_rate: '0.01',
      filter_near_staleness_ms: 0,
      statistics_error: 'CLUSTERDOWN The cluster is down',
      ...near,
    });
  });
});

const NO_VALUES = Object.fromEntries(STORE_VALUE_NAMES.map((name) => [name, 0])) as Record<keyof StoreValues, number>;

function report(name: string, values: Partial<StoreValues>, latencyCounts: number[] = []): StoreReport {
  return { name, values: { ...NO_VALUES, ...values }, latencyCounts };
}

/** What storage nodes with these reports answer together, one of them twice. */
function nodes(...reports: StoreReport[][]): void {
  const storage = new StorageBench();
  const replies = reports.map((each, i) => {
    storage.storeReports = each;
    return storage.run('HC.STOREREPORT').replace('storage-1', `storage-${i + 1}`);
  });
  bench.value = decodeReply(latin1Bytes(`*${replies.length + 1}\r\n${replies.join('')}${replies[0]}`));
}

describe('statistics', () => {
  it('are added up over the nodes, of which each counts once', () => {
    nodes(
      [report('sessions', { items: 3, hits: 6, misses: 1, pressure: 2, evicted_limit: 2 }, [0, 98, 1, 1])],
      [report('sessions', { items: 4, hits: 0, misses: 1, pressure: 1, evicted_node: 1 }, [0, 100, 0, 0])],
    );
    const fields = fieldsOf(bench.run('HSTATS sessions'));
    expect(bench.commands).toEqual(['HC.STOREREPORT sessions']);
    expect(Object.fromEntries(fields)).toMatchObject({
      store: 'sessions',
      nodes: 2,
      items: 7,
      hits: 6,
      misses: 2,
      hit_ratio: '0.7500',
      evicted: 3,
      pressure: 'evicting',
      latency_p50_us: '1',
      latency_p999_us: '4',
    });
  });

  it('stand beside the definition in STORE INFO', () => {
    nodes([report('sessions', { items: 3 })]);
    const fields = Object.fromEntries(fieldsOf(bench.run('STORE INFO sessions')));
    expect(fields).toMatchObject({ id: 1, name: 'sessions', policy: 'session', idle_ttl_ms: 1_800_000, items: 3 });
  });

  it('are missing, with the reason, where nodes are out of reach', () => {
    bench.value = new RespError('CLUSTERDOWN The cluster is down');
    expect(bench.run('HSTATS sessions')).toBe('-CLUSTERDOWN The cluster is down\r\n');
    const fields = Object.fromEntries(fieldsOf(bench.run('STORE INFO sessions')));
    expect(fields).toMatchObject({ name: 'sessions', statistics_error: 'CLUSTERDOWN The cluster is down' });
    expect(Object.fromEntries(fieldsOf(bench.run('CLUSTER_INFO')))).toMatchObject({ stores: 2, gateways: 1 });
    expect(bench.run('HSTATS nothing')).toMatch(/no store "nothing"/);
  });

  it('of all stores make the overview', () => {
    nodes(
      [report('default', { items: 1, hits: 1 }), report('sessions', { items: 2, misses: 3 })],
      [report('default', { items: 10, used_bytes: 5, limit_bytes: 7 })],
    );
    expect(Object.fromEntries(fieldsOf(bench.run('CLUSTER_INFO')))).toMatchObject({
      state: 'ok',
      items: 13,
      used_bytes: 5,
      limit_bytes: 7,
      hit_ratio: '0.2500',
      items_by_store: ['default', 11, 'sessions', 2],
    });
  });

  it('are nothing where a reply is not what it should be', () => {
    expect(summariesOf(null).size).toBe(0);
    expect(summariesOf([[1, 2], 'x', [['n'], [['s']]]]).get('s')?.nodes).toBeUndefined();
  });
});

describe('what there is', () => {
  it('is listed: stores, policies, help', () => {
    const stores = decoded(bench.run('STORE LIST')) as unknown[][];
    expect(stores.map(([, name]) => name)).toEqual(['default', 'sessions']);
    const policies = (decoded(bench.run('STORE POLICIES')) as unknown[][]).map(([, name]) => name);
    expect(policies).toEqual(expect.arrayContaining(['sieve', 'ttl-only', 'noeviction']));
    expect(bench.run('STORE HELP')).toMatch(/CREATE <name>/);
  });
});
