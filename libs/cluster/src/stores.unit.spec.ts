import type { ClusterChange } from './cluster-change.js';
import { EMPTY_CLUSTER_STATE, type ClusterState } from './cluster-state.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { CLUSTER_LIMITS } from './limits.js';
import {
  alteredStore,
  differingFields,
  STORE_PRESETS,
  STORE_TYPES,
  storeFromPreset,
  type StoreDefinition,
} from './store-definition.js';
import { storeFaults } from './store-faults.js';
import { nextStoreId, numberedStores } from './store-ids.js';
import { policyByName, POLICY_NAMES, REDIS_POLICIES, redisPolicyName } from './store-policies.js';

const general = (overrides: Partial<StoreDefinition> & { name: string }): StoreDefinition => ({
  ...storeFromPreset('general', { name: 'x' }),
  ...overrides,
});

const FORMED: ClusterState = formed();

function formed(): ClusterState {
  const decision = decide(EMPTY_CLUSTER_STATE, {
    type: 'FormCluster',
    clusterId: 'c',
    clusterName: 'c',
    hashSeed: 1,
    nodes: [],
    owners: [[]],
    stores: numberedStores([
      storeFromPreset('general', { name: 'a' }),
      storeFromPreset('general', { name: 'default' }),
    ]),
  });
  if (!decision.ok) throw new Error(decision.reason);
  return decision.events.reduce(evolve, EMPTY_CLUSTER_STATE);
}

function run(state: ClusterState, changes: readonly ClusterChange[], requestId = ''): ClusterState | string {
  const decision = decide(state, { type: 'Change', requestId, changes });
  return decision.ok ? decision.events.reduce(evolve, state) : `${decision.code}: ${decision.reason}`;
}

function after(state: ClusterState, ...changes: ClusterChange[]): ClusterState {
  const result = run(state, changes);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

const createOf = (name: string): ClusterChange => ({
  type: 'CreateStore',
  definition: storeFromPreset('general', { name }),
});
const idOf = (state: ClusterState, name: string): number | undefined =>
  state.table?.stores.find((store) => store.name === name)?.id;

describe('definitions', () => {
  it('are sound as each type is preset', () => {
    for (const type of STORE_TYPES) expect(storeFaults(storeFromPreset(type, { name: 'x' }))).toEqual([]);
    expect(STORE_PRESETS.session).toMatchObject({ policy: 'session', idleTtlMs: 1_800_000, maxTtlMs: 86_400_000 });
    expect(STORE_PRESETS['ttl-only']).toMatchObject({ evictionScope: 'volatile', defaultTtlMs: 3_600_000 });
  });

  it.each(['', 'a b', 'a/b', 'a'.repeat(65), '12', '__proto__', 'constructor', 'LIST', 'none', 'größe'])(
    'may not be called %j',
    (name) => expect(storeFaults(general({ name }))).toEqual([expect.stringMatching(/^name "/)]),
  );

  it.each(['a', 'A.b_c-1', '1a', 'a'.repeat(64), 'default', 'lists'])('may be called %j', (name) => {
    expect(storeFaults(general({ name }))).toEqual([]);
  });

  it('keep the name default for id 0', () => {
    expect(storeFaults({ ...general({ name: 'default' }), id: 3 })).toHaveLength(1);
    expect(storeFaults({ ...general({ name: 'other' }), id: 0 })).toHaveLength(1);
    expect(storeFaults({ ...general({ name: 'default' }), id: 0 })).toEqual([]);
  });

  it.each<[Partial<StoreDefinition>, RegExp]>([
    [{ memoryLimitBytes: 1 }, /memoryLimitBytes 1: use 0 .* or 1048576/],
    [{ memoryLimitBytes: -1 }, /memoryLimitBytes/],
    [{ memoryLimitBytes: 2 ** 51 }, /memoryLimitBytes/],
    [{ defaultTtlMs: 1.5 }, /defaultTtlMs 1.5: use 0 \(none\) to 3153600000000/],
    [{ policy: 'fifo' as 'lru' }, /policy "fifo": use one of sieve/],
    [{ evictionScope: 'some' as 'all' }, /evictionScope "some": use one of all, volatile/],
    [{ type: 'cache' as 'general' }, /type "cache": use one of general, session, ttl-only/],
    [{ policy: 'session' }, /for stores of type session/],
    [{ idleTtlMs: 5 }, /for stores of type session/],
    [{ maxTtlMs: -5 }, /maxTtlMs -5: use 0 \(none\) to 3153600000000/],
    [{ type: 'session', idleTtlMs: 5 }, /needs the policy session/],
    [{ policy: 'ttl-only' }, /use volatile/],
    [
      { filter: { enabled: true, falsePositiveRate: 0.5, nearStalenessMs: 0 } },
      /falsePositiveRate 0.5: use 0.0001 to 0.1/,
    ],
    [{ filter: { enabled: true, falsePositiveRate: NaN, nearStalenessMs: 0 } }, /falsePositiveRate NaN/],
    [
      { filter: { enabled: true, falsePositiveRate: 0.01, nearStalenessMs: 99 } },
      /nearStalenessMs 99: use 0 \(off\) or 100/,
    ],
    [{ filter: { enabled: true, falsePositiveRate: 0.01, nearStalenessMs: 60_001 } }, /nearStalenessMs 60001/],
    [{ replicas: 0 }, /replicas 0: use 1 to 8 copies/],
    [{ replicas: 9 }, /replicas 9/],
    [{ replicas: 1.5 }, /replicas 1.5/],
    [{ ttlPrefixes: [{ prefix: '', ttlMs: 1 }] }, /use 1 to 64 bytes/],
    [{ ttlPrefixes: [{ prefix: 'ä'.repeat(33), ttlMs: 1 }] }, /use 1 to 64 bytes/],
    [{ ttlPrefixes: [{ prefix: 'a\n', ttlMs: 1 }] }, /control characters/],
    [{ ttlPrefixes: [{ prefix: 'a', ttlMs: -1 }] }, /ttlPrefixes "a" -1/],
    [{ ttlPrefixes: Array.from({ length: 33 }, (_, i) => ({ prefix: `${i}`, ttlMs: 1 })) }, /33 of them/],
  ])('are at fault with %j', (fields, fault) => {
    expect(storeFaults(general({ name: 'x', ...fields }))).toEqual([expect.stringMatching(fault)]);
  });

  it('name every fault, and a prefix that is given twice', () => {
    const twice = [
      { prefix: 'a', ttlMs: 1 },
      { prefix: 'a', ttlMs: 2 },
    ];
    expect(storeFaults(general({ name: '1', memoryLimitBytes: 1, ttlPrefixes: twice }))).toHaveLength(3);
  });

  it('change in what is given; a new type brings its behaviour', () => {
    const store = storeFromPreset('general', { name: 'x', memoryLimitBytes: 2 ** 21, defaultTtlMs: 9 });
    expect(alteredStore(store, {})).toEqual(store);
    expect(alteredStore(store, { type: 'general', policy: 'lru' })).toEqual({ ...store, policy: 'lru' });
    const session = alteredStore(store, { type: 'session', maxTtlMs: 5 });
    expect(session).toEqual(storeFromPreset('session', { name: 'x', memoryLimitBytes: 2 ** 21, maxTtlMs: 5 }));
    expect(differingFields(store, session)).toEqual(['type', 'defaultTtlMs', 'policy', 'idleTtlMs', 'maxTtlMs']);
  });

  it('differ in their prefixes whatever their order', () => {
    const prefixes = ['a', 'b'].map((prefix) => ({ prefix, ttlMs: 1 }));
    const one = general({ name: 'x', ttlPrefixes: prefixes });
    expect(differingFields(one, { ...one, ttlPrefixes: prefixes.toReversed() })).toEqual([]);
    expect(differingFields(one, { ...one, ttlPrefixes: [] })).toEqual(['ttlPrefixes']);
  });
});

describe('names of policies', () => {
  it('are ours or those of Redis, whatever the case', () => {
    expect(policyByName('SIEVE')).toEqual({ policy: 'sieve', evictionScope: undefined });
    expect(policyByName('Volatile-LFU')).toEqual({ policy: 'w-tinylfu', evictionScope: 'volatile' });
    expect(policyByName('ttl-only')).toEqual({ policy: 'ttl-only', evictionScope: 'volatile' });
    expect(policyByName('fifo')).toBeUndefined();
  });

  it('have a Redis name that Redis knows', () => {
    for (const name of POLICY_NAMES) {
      for (const scope of ['all', 'volatile'] as const)
        expect(REDIS_POLICIES.has(redisPolicyName(name, scope))).toBe(true);
    }
  });
});

describe('ids', () => {
  it('are given in turn, 0 to the store default', () => {
    expect([idOf(FORMED, 'default'), idOf(FORMED, 'a')]).toEqual([0, 1]);
    expect(idOf(after(FORMED, createOf('b')), 'b')).toBe(2);
  });

  it('do not come back with the name', () => {
    const dropped = after(FORMED, createOf('b'), { type: 'DropStore', name: 'b' });
    expect(idOf(after(dropped, createOf('b')), 'b')).toBe(3);
  });

  it('go round and pass over those in use', () => {
    const stores = numberedStores([general({ name: 'default' }), general({ name: 'a' }), general({ name: 'b' })]);
    expect(nextStoreId(stores, CLUSTER_LIMITS.maxStoreId)).toBe(3);
    expect(nextStoreId(stores, 0)).toBe(3);
    expect(nextStoreId([], 7)).toBe(8);
  });
});

describe('changes', () => {
  it('are made together or not at all, each upon the one before', () => {
    const both = after(FORMED, createOf('b'), { type: 'AlterStore', name: 'b', changes: { policy: 'lru' } });
    expect(both.table?.stores.at(-1)).toMatchObject({ name: 'b', policy: 'lru' });
    const refused = run(FORMED, [createOf('b'), { type: 'AlterStore', name: 'c', changes: {} }]);
    expect(refused).toBe('unknown: there is no store "c"; stores: a, default, b');
  });

  it('are refused with a code', () => {
    expect(run(FORMED, [createOf('a')])).toMatch(/^exists: there is a store "a" already/);
    expect(run(FORMED, [createOf('7')])).toMatch(/^invalid: name "7"/);
    expect(run(FORMED, [{ type: 'DropStore', name: 'default' }])).toMatch(/^invalid: .* cannot be dropped/);
    expect(run(FORMED, [{ type: 'AlterStore', name: 'a', changes: { memoryLimitBytes: 1 } }])).toMatch(/^invalid/);
    expect(run(FORMED, [{ type: 'ChangeSetting', path: 'Bad Path', value: '' }])).toMatch(
      /^invalid: setting "Bad Path"/,
    );
    expect(run(FORMED, [{ type: 'ChangeSetting', path: 'a', value: 'x'.repeat(257) }])).toMatch(/^invalid/);
    expect(
      run(
        FORMED,
        Array.from({ length: 65 }, () => createOf('b')),
      ),
    ).toMatch(/^full: 65 changes/);
  });

  it('are bounded in stores, prefixes and settings', () => {
    let state = FORMED;
    const prefixes = Array.from({ length: CLUSTER_LIMITS.maxTtlPrefixes }, (_, i) => ({ prefix: `${i}`, ttlMs: 1 }));
    const wide = (name: string): ClusterChange => ({
      type: 'CreateStore',
      definition: storeFromPreset('general', { name, ttlPrefixes: prefixes }),
    });
    const most = CLUSTER_LIMITS.maxTtlPrefixesInAll / CLUSTER_LIMITS.maxTtlPrefixes;
    for (let i = 0; i < most; i++) state = after(state, wide(`w${i}`));
    expect(run(state, [wide('more')])).toMatch(/^full: 544 TTL prefixes/);
    for (let i = most + 2; i < CLUSTER_LIMITS.maxStores; i++) state = after(state, createOf(`s${i}`));
    expect(run(state, [createOf('more')])).toMatch(/^full: there are 256 stores/);
    const setting = (i: number): ClusterChange => ({ type: 'ChangeSetting', path: `a.b${i}`, value: '1' });
    for (let i = 0; i < CLUSTER_LIMITS.maxSettings; i++) state = after(state, setting(i));
    expect(run(state, [setting(999)])).toMatch(/^full: 128 settings/);
    expect(run(state, [{ type: 'ResetSetting', path: 'a.b0' }, setting(999)])).toMatchObject({ lastStoreId: 255 });
  });

  it('are nothing where nothing changes', () => {
    const set = after(
      FORMED,
      { type: 'ChangeSetting', path: 'b', value: '1' },
      { type: 'ChangeSetting', path: 'a', value: '2' },
    );
    expect(set.table?.settings.map(({ path }) => path)).toEqual(['a', 'b']);
    const again = after(
      set,
      { type: 'ChangeSetting', path: 'b', value: '1' },
      { type: 'ResetSetting', path: 'none' },
      { type: 'AlterStore', name: 'a', changes: { policy: 'sieve' } },
    );
    expect(again).toEqual(set);
  });

  it('of a request that came before are not made again, for a bounded number of requests', () => {
    const once = run(FORMED, [createOf('b')], 'r0') as ClusterState;
    const dropped = run(once, [{ type: 'DropStore', name: 'b' }], 'r1') as ClusterState;
    expect(run(dropped, [createOf('b')], 'r0')).toEqual(dropped);
    let state = dropped;
    for (let i = 2; i <= CLUSTER_LIMITS.maxRememberedRequests + 1; i++) {
      state = run(state, [{ type: 'ChangeSetting', path: 'a', value: String(i) }], `r${i}`) as ClusterState;
    }
    expect(state.requests.size).toBe(CLUSTER_LIMITS.maxRememberedRequests);
    expect(state.requests.has('r1')).toBe(false);
  });
});
