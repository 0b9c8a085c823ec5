import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreDefinition } from '#libs/cluster';
import { ConfigError, loadConfig, storeDefaults, storeDefinition } from './index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hc-stores-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The stores of a file whose text begins after `stores:`, by name. */
function stores(yaml: string): ReadonlyMap<string, StoreDefinition> {
  const file = join(folder, 'test.yaml');
  writeFileSync(file, `stores:\n${yaml}`);
  const config = loadConfig({ argv: ['--config', file], env: {}, role: 'gateway' });
  return new Map(config.stores.map((store) => [store.name, storeDefinition(store, storeDefaults(config))] as const));
}

function faults(yaml: string): readonly string[] {
  try {
    stores(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines.map((line) => line.replaceAll(`${folder}/`, ''));
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('stores', () => {
  it('take what they leave out from the preset of their type', () => {
    const found = stores('  - {name: a}\n  - {name: b, type: session}\n  - {name: c, type: ttl-only}\n');
    expect(found.get('a')).toMatchObject({ policy: 'sieve', evictionScope: 'all', defaultTtlMs: 0 });
    expect(found.get('b')).toMatchObject({ policy: 'session', idleTtlMs: 1_800_000, maxTtlMs: 86_400_000 });
    expect(found.get('c')).toMatchObject({ policy: 'ttl-only', evictionScope: 'volatile', defaultTtlMs: 3_600_000 });
  });

  it('keep what they set, down to nested settings', () => {
    const yaml = [
      '  - name: a',
      '    memory_limit: 64mb',
      '    policy: S3-FIFO',
      '    eviction_scope: volatile',
      '    default_ttl_ms: 0',
      '    ttl_prefixes:',
      '      - {prefix: "user:", ttl_ms: 5000}',
      '    filter: {enabled: yes, false_positive_rate: 1e-3, near_staleness_ms: 250}',
    ].join('\n');
    expect(stores(yaml).get('a')).toEqual({
      name: 'a',
      type: 'general',
      memoryLimitBytes: 64 * 2 ** 20,
      policy: 's3-fifo',
      evictionScope: 'volatile',
      defaultTtlMs: 0,
      idleTtlMs: 0,
      maxTtlMs: 0,
      timestamps: false,
      replicas: 1,
      ttlPrefixes: [{ prefix: 'user:', ttlMs: 5000 }],
      filter: { enabled: true, falsePositiveRate: 0.001, nearStalenessMs: 250 },
    });
  });

  it('understand Redis’s names of policies', () => {
    const found = stores('  - {name: a, policy: volatile-lfu}\n  - {name: b, policy: allkeys-lru}\n');
    expect(found.get('a')).toMatchObject({ policy: 'w-tinylfu', evictionScope: 'volatile' });
    expect(found.get('b')).toMatchObject({ policy: 'lru', evictionScope: 'all' });
  });

  it.each([
    [
      'an unknown policy',
      '  - {name: a, policy: mru}',
      /^stores\[0\]\.policy: "mru" is not allowed: use one of sieve, /,
    ],
    [
      'a negative limit',
      '  - {name: a, memory_limit: -1}',
      /^stores\[0\]\.memory_limit: -1 is not allowed: use a size/,
    ],
    [
      'a limit that holds nothing',
      '  - {name: a, memory_limit: 10}',
      /^stores\[0\]\.memory_limit: 10: use 0 .*yaml:2\)$/,
    ],
    [
      'a rate that is none',
      '  - {name: a, filter: {false_positive_rate: 0}}',
      /^stores\[0\]\.filter\.false_positive_rate: 0 is/,
    ],
    ['a key within a section', '  - {name: a, filter: {on: true}}', /^stores\[0\]\.filter\.on: no such setting \(test/],
    [
      'a key within a list',
      '  - name: a\n    ttl_prefixes: [{prefix: x, ttl_ms: 1, prefx: x}]',
      /^stores\[0\]\.ttl_prefixes\[0\]\.prefx: no such .*"prefix"\? \(test\.yaml:3\)/,
    ],
    ['a section that is none', '  - {name: a, filter: on}', /^stores\[0\]\.filter: "on" is not allowed: use a mapping/],
    [
      'scopes that contradict',
      '  - {name: a, policy: allkeys-lru, eviction_scope: volatile}',
      /eviction_scope: "volatile" is not allowed: use all, as the policy allkeys-lru says/,
    ],
    [
      'idle times of other types',
      '  - {name: a, idle_ttl_ms: 5}',
      /^stores\[0\]\.idle_ttl_ms: 5: is for stores of type session/,
    ],
    [
      'a prefix twice',
      '  - {name: a, ttl_prefixes: [{prefix: x, ttl_ms: 1}, {prefix: x, ttl_ms: 2}]}',
      /^stores\[0\]\.ttl_prefixes: "x": is given twice/,
    ],
    [
      'the default store twice',
      '  - {name: default}\n  - {name: default}',
      /^stores\[1\]\.name: "default" is not allowed: use a name that no other/,
    ],
  ])('refuse %s', (_what, yaml, line) => {
    const lines = faults(`${yaml}\n`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  it.each(['__proto__', 'constructor', '"123"', '""', '"*"', 'all', 'list', 'two words'])(
    'refuse the name %s',
    (name) => {
      const lines = faults(`  - name: ${name}\n`);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^stores\[0\]\.name: .*\(test\.yaml:2\)$/);
    },
  );

  it('refuse more stores, or more prefixes in all, than a cluster takes', () => {
    const many = (count: number): string => Array.from({ length: count }, (_, i) => `  - {name: s${i}}\n`).join('');
    expect(faults(many(300))).toEqual([
      'stores: 301 is not allowed: use at most 256 stores, with the default store (test.yaml:1)',
    ]);
    expect(faults(many(256))).toHaveLength(1);
    expect(stores(many(255)).size).toBe(256);
    const prefixes = Array.from({ length: 32 }, (_, i) => `{prefix: p${i}, ttl_ms: 1}`).join(', ');
    const withPrefixes = (count: number): string => many(count).replaceAll('}', `, ttl_prefixes: [${prefixes}]}`);
    expect(stores(withPrefixes(16)).size).toBe(17);
    expect(faults(withPrefixes(17))).toEqual([
      'stores[16].ttl_prefixes: 544 is not allowed: use at most 512 prefixes in all stores together (test.yaml:18)',
    ]);
  });

  it('tell faults between settings beside wrong values', () => {
    const lines = faults(
      '  - {name: a, memory_limit: 5}\n  - {name: b, memory_limit: -1}\n' +
        '  - {name: a, filter: {near_staleness_ms: 5, false_positive_rate: 2}}\nlimits: {max_clients: none}\n',
    );
    expect(lines.map((line) => line.split(': ', 1)[0]).toSorted()).toEqual([
      'limits.max_clients',
      'stores[0].memory_limit',
      'stores[1].memory_limit',
      'stores[2].filter.false_positive_rate',
      'stores[2].filter.near_staleness_ms',
      'stores[2].name',
    ]);
  });

  it.each([
    ['a type', '  - {name: a, type: sesion, idle_ttl_ms: 5}\n', 'stores[0].type'],
    ['a policy', '  - {name: a, policy: none, type: session}\n', 'stores[0].policy'],
    ['a name', '  - {name: "*"}\n  - {name: default}\n', 'stores[0].name'],
    ['a prefix', '  - {name: a, ttl_prefixes: [{prefix: "", ttl_ms: 1}]}\n', 'stores[0].ttl_prefixes[0].prefix'],
    ['a store', '  - 5\n  - {name: default}\n', 'stores[0]'],
    ['a user', '  - {name: a}\nnats: {user: [], password: x}\n', 'nats.user'],
  ])('tell no fault that follows only from %s that is wrong', (_what, yaml, path) => {
    const lines = faults(yaml);
    expect(lines).toHaveLength(1);
    expect(lines[0].startsWith(`${path}: `)).toBe(true);
  });

  it('tell of the default limit where that was set', () => {
    const load = (): unknown => loadConfig({ argv: [], env: { HC_MEMORY_LIMIT: '5' }, role: 'gateway' });
    expect(load).toThrow(/^memory\.default_limit: 5 is not allowed: use 0 or at least 1mb \(HC_MEMORY_LIMIT\)$/);
  });
});
