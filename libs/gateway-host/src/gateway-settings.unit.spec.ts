import { storeFromPreset, type StoreDefinition } from '#libs/cluster';
import { GatewaySettings } from './gateway-settings.js';
import { GATEWAY_DEFAULTS, type GatewayOptions } from './options.js';
import type { SettingsSource } from './settings-source.js';

const OPTIONS: GatewayOptions = {
  ...GATEWAY_DEFAULTS,
  cluster: 'c',
  nodeId: 'g',
  mode: 'cluster',
  softwareVersion: '1',
  advertise: { host: '10.0.0.1', respPort: 7000, httpPort: 0, adminPort: 0 },
  zone: '',
  users: new Map(),
};

const VALUES = new Map([
  ['limits.max_clients', '50'],
  ['limits.client_idle_timeout_ms', '1500'],
  ['limits.tcp_keep_alive_ms', '300000'],
  ['limits.request_timeout_ms', '2000'],
  ['logging.level', 'TRACE'],
  ['persistence.enabled', 'false'],
  ['persistence.appendfsync', 'everysec'],
]);

const SOURCE: SettingsSource = {
  views: () => [...VALUES].map(([path, value]) => ({ path, value, defaultValue: '', runtime: true, origin: '' })),
  faultsOf: (changes) =>
    changes.filter(({ value }) => value === 'bad').map(({ path }) => ({ path, reason: 'is not good' })),
  rewrite: () => undefined,
};

function settings(store: StoreDefinition = storeFromPreset('general', { name: 'default' })): GatewaySettings {
  return new GatewaySettings(
    OPTIONS,
    SOURCE,
    () => undefined,
    () => store,
  );
}

const plan = (wanted: Record<string, string>): unknown => settings().plan(new Map(Object.entries(wanted)));

describe('reading', () => {
  it('answers paths and Redis’s names, in order', () => {
    const all = settings(storeFromPreset('ttl-only', { name: 'default', memoryLimitBytes: 1_048_576 })).all();
    expect(Object.fromEntries(all)).toEqual({
      appendfsync: 'everysec',
      appendonly: 'no',
      bind: '10.0.0.1',
      'cluster-enabled': 'yes',
      databases: '16',
      ...Object.fromEntries(VALUES),
      loglevel: 'debug',
      maxclients: '50',
      maxmemory: '1048576',
      'maxmemory-policy': 'volatile-ttl',
      port: '7000',
      'proto-max-bulk-len': String(GATEWAY_DEFAULTS.maxValueBytes),
      'request-timeout-ms': '2000',
      save: '',
      'tcp-keepalive': '300',
      timeout: '2',
    });
    expect([...all.keys()]).toEqual([...all.keys()].toSorted());
  });
});

describe('planning', () => {
  it('turns names of Redis into settings of ours and changes of the default store', () => {
    const wanted = { timeout: '60', loglevel: 'Warning', maxmemory: '2mb', 'maxmemory-policy': 'volatile-lru' };
    expect(plan(wanted)).toEqual({
      ok: true,
      changes: [
        { type: 'ChangeSetting', path: 'limits.client_idle_timeout_ms', value: '60000' },
        { type: 'ChangeSetting', path: 'logging.level', value: 'WARN' },
        {
          type: 'AlterStore',
          name: 'default',
          changes: { memoryLimitBytes: 2 * 2 ** 20, policy: 'lru', evictionScope: 'volatile' },
        },
      ],
    });
  });

  it('takes our own names of policies, sizes in Redis’s units, and changes back', () => {
    expect(plan({ 'maxmemory-policy': 's3-fifo', maxmemory: '2m', maxclients: 'default' })).toEqual({
      ok: true,
      changes: [
        { type: 'ResetSetting', path: 'limits.max_clients' },
        {
          type: 'AlterStore',
          name: 'default',
          changes: { memoryLimitBytes: 2_000_000, policy: 's3-fifo', evictionScope: 'all' },
        },
      ],
    });
  });

  it.each([
    [{ port: '1' }, 'port', "can't set immutable config"],
    [{ timeout: '1.5' }, 'timeout', "argument couldn't be parsed into an integer"],
    [{ maxmemory: 'lots' }, 'maxmemory', 'argument must be a memory value'],
    [{ 'maxmemory-policy': 'mru' }, 'maxmemory-policy', /^argument\(s\) must be one of the following: allkeys-lru, /],
    [{ loglevel: 'loud' }, 'loglevel', 'argument(s) must be one of the following: debug, verbose, notice, warning'],
    [{ maxclients: '5', 'limits.max_clients': '6' }, 'limits.max_clients', 'duplicate parameter'],
    [{ maxclients: '5', 'logging.level': 'bad' }, 'logging.level', 'is not good'],
    [{ maxmemory: '5' }, undefined, /^maxmemory 5: use 0/],
  ])('refuses %j', (wanted, name, reason) => {
    expect(plan(wanted)).toEqual({
      ok: false,
      name,
      reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    });
  });
});
