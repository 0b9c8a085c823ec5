import { ConfigError, loadConfig, RuntimeConfig, type HyperCacheConfig } from './index.js';

function runtime(argv: readonly string[] = [], env: Record<string, string> = {}): RuntimeConfig {
  return new RuntimeConfig(loadConfig({ argv, env, role: 'gateway' }));
}

describe('following changes', () => {
  it('lets changes win over every layer, and tells of them', () => {
    const config = runtime(['--request-timeout-ms', '700'], { HC_LOG_LEVEL: 'WARN' });
    const seen: HyperCacheConfig[] = [];
    config.onChange((next) => seen.push(next));
    config.follow([
      { path: 'logging.level', value: 'debug' },
      { path: 'limits.request_timeout_ms', value: '900' },
    ]);
    expect(seen).toHaveLength(1);
    expect(config.current.logging.level).toBe('DEBUG');
    expect(config.current.limits.requestTimeoutMs).toBe(900);
  });

  it('goes back when a change is taken back, and says nothing where nothing changed', () => {
    const config = runtime([], { HC_LOG_LEVEL: 'WARN' });
    let calls = 0;
    config.onChange(() => calls++);
    config.follow([{ path: 'logging.level', value: 'TRACE' }]);
    config.follow([{ path: 'logging.level', value: 'TRACE' }]);
    config.follow([]);
    expect(config.current.logging.level).toBe('WARN');
    expect(calls).toBe(2);
  });

  it('takes what fits and names the rest: another release, or a contradiction with this node’s own settings', () => {
    const config = runtime([], { HC_MEMORY_PRESSURE_BACK_PRESSURE_PERCENT: '92' });
    config.follow([
      { path: 'memory.pressure.evict_percent', value: '93' },
      { path: 'logging.colour', value: 'red' },
      { path: 'network.resp_port', value: '1' },
      { path: 'memory.pressure.clean_percent', value: '80' },
    ]);
    expect(config.current.memory.pressure).toMatchObject({ cleanPercent: 80, evictPercent: 90 });
    expect(config.rejected.map((line) => line.split(':')[0])).toEqual([
      'logging.colour',
      'network.resp_port',
      'memory.pressure.back_pressure_percent',
    ]);
  });
});

describe('checking changes', () => {
  it('finds nothing wrong with what may be, also where only all together fit', () => {
    const changes = [
      { path: 'memory.pressure.clean_percent', value: '91' },
      { path: 'memory.pressure.evict_percent', value: '94' },
      { path: 'logging.components', value: 'RAFT=TRACE,GATEWAY=WARN' },
      { path: 'debug.level', value: undefined },
    ];
    expect(runtime().faultsOf(changes)).toEqual([]);
  });

  it.each([
    ['logging.levle', 'DEBUG', 'no such setting; did you mean "logging.level"?'],
    ['network.resp_port', '1', 'can be set at start only: in the file, by a variable or a flag, then restart the node'],
    ['stores', '[]', 'can be set at start only: in the file, by a variable or a flag, then restart the node'],
    ['logging.level', 'LOUD', '"LOUD" is not allowed: use one of ERROR, WARN, INFO, DEBUG, TRACE'],
    [
      'memory.pressure.evict_percent',
      '80',
      '80 is not allowed: use more than memory.pressure.clean_percent, which is 85',
    ],
  ])('refuses %s %s', (path, value, reason) => {
    expect(runtime().faultsOf([{ path, value }])).toEqual([{ path, reason }]);
  });

  it('names the other setting where that is at fault then', () => {
    const [fault] = runtime().faultsOf([{ path: 'cluster.suspect_after_ms', value: '6000' }]);
    expect(fault.path).toBe('cluster.suspect_after_ms');
    expect(fault.reason).toMatch(
      /^cluster\.down_after_ms: 3000 is not allowed: use more than cluster\.suspect_after_ms/,
    );
  });

  it('reports every fault', () => {
    const changes = ['a', 'b', 'logging.level'].map((path) => ({ path, value: '?' }));
    expect(runtime().faultsOf(changes)).toHaveLength(3);
  });
});

describe('views', () => {
  it('show value, default, origin and whether a setting may change', () => {
    const config = runtime(['--request-timeout-ms', '700'], { HC_REST_TOKENS: 'very-secret-token' });
    config.follow([{ path: 'logging.level', value: 'ERROR' }]);
    const views = new Map(config.views().map((view) => [view.path, view]));
    expect(views.get('logging.level')).toEqual({
      path: 'logging.level',
      value: 'ERROR',
      defaultValue: 'INFO',
      runtime: true,
      origin: 'changed at run time',
    });
    expect(views.get('limits.request_timeout_ms')).toMatchObject({ value: '700', origin: '--request-timeout-ms' });
    expect(views.get('security.rest_tokens')).toMatchObject({ value: '***', defaultValue: '', runtime: false });
    expect(views.get('limits.max_value_bytes')).toMatchObject({
      value: '64mb',
      origin: expect.stringMatching(/^configs\/hypercache\.yaml:\d+$/),
    });
  });

  it('show no secrets, and lists with the keys of the file', () => {
    const users = '[{name: joe, password: hidden}]';
    const servers = 'nats://joe:hidden@a:4222,joe:hidden@b';
    const stores = '[{name: a, ttl_prefixes: [{prefix: x, ttl_ms: 5}]}]';
    const config = runtime([], { HC_SECURITY_USERS: users, HC_NATS_SERVERS: servers, HC_STORES: stores });
    const views = new Map(config.views().map((view) => [view.path, view.value]));
    expect(JSON.stringify([...views])).not.toContain('hidden');
    expect(views.get('nats.servers')).toBe('nats://***@a:4222,***@b');
    expect(JSON.parse(views.get('stores') ?? '')).toMatchObject([
      { name: 'default' },
      { name: 'a', ttl_prefixes: [{ prefix: 'x', ttl_ms: 5 }], filter: { false_positive_rate: 0.01 } },
    ]);
  });

  it('show values that every runtime setting takes again', () => {
    const config = runtime();
    const changes = config.views().filter((view) => view.runtime && view.value !== '');
    expect(changes.length).toBeGreaterThan(15);
    expect(config.faultsOf(changes)).toEqual([]);
    expect(() => config.follow(changes)).not.toThrow(ConfigError);
    expect(config.rejected).toEqual([]);
  });
});
