import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeFromPreset } from '#libs/cluster';
import {
  ConfigError,
  HelpRequested,
  HyperCacheConfig,
  loadConfig,
  storeDefaults,
  storeDefinition,
  type Environment,
  type Role,
} from './index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hc-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly yaml?: string;
  readonly env?: Environment;
  readonly argv?: readonly string[];
  readonly role?: Role;
}

function load({ yaml = '', env = {}, argv = [], role = 'gateway' }: Given = {}): HyperCacheConfig {
  const file = join(folder, 'test.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ argv: ['--config', file, ...argv], env, role });
}

/** The error's lines, with the name of the file shortened. */
function faults(given: Given): readonly string[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines.map((line) => line.replaceAll(`${folder}/`, ''));
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('layers', () => {
  it('has defaults for everything', () => {
    const config = load();
    expect(config).toBeInstanceOf(HyperCacheConfig);
    expect(config.network).toEqual({ host: '127.0.0.1', respPort: 6379, httpPort: 8080, adminPort: 6380 });
    expect(config.persistence.dataDir).toBe('data/gateway');
    expect(config.stores.map((store) => storeDefinition(store, storeDefaults(config)))).toEqual([
      storeFromPreset('general', { name: 'default', memoryLimitBytes: config.memory.defaultLimit }),
    ]);
  });

  it('lets the file win over defaults, the environment over the file, and flags over all', () => {
    const yaml = 'network:\n  resp_port: 1\n  http_port: 2\n  admin_port: 3\n';
    const env = { HC_NETWORK_HTTP_PORT: '20', HC_ADMIN_PORT: '30' };
    const { network } = load({ yaml, env, argv: ['--admin-port', '300'] });
    expect(network).toEqual({ host: '127.0.0.1', respPort: 1, httpPort: 20, adminPort: 300 });
  });

  it('prefers the name made of the path to short and foreign ones, and skips empty variables', () => {
    const { nats } = load({ env: { HC_NATS_SERVERS: '', NATS_URL: 'nats://a:1, nats://b:2' } });
    expect(nats.servers).toEqual(['nats://a:1', 'nats://b:2']);
    expect(load({ env: { HC_NETWORK_RESP_PORT: '5', HC_RESP_PORT: '6' } }).network.respPort).toBe(5);
  });

  it('logs less in standalone, unless told otherwise', () => {
    expect(load({ role: 'standalone' }).logging.level).toBe('WARN');
    expect(load({ role: 'standalone', env: { HC_LOG_LEVEL: 'debug' } }).logging.level).toBe('DEBUG');
  });

  it('takes empty sections and empty keys as not set', () => {
    expect(load({ yaml: 'network:\ncluster:\n  zone:\n' }).cluster.zone).toBe('');
  });

  it('reaches nested sections by variable and flag', () => {
    const env = { HC_NATS_TLS_CA_FILE: '/ca.pem' };
    const { tls } = load({ env, argv: ['--nats-tls-handshake-first', 'yes'] }).nats;
    expect(tls).toMatchObject({ caFile: '/ca.pem', handshakeFirst: true });
  });
});

describe('values', () => {
  it('reads sizes in units of 1024', () => {
    const yaml = 'limits:\n  max_value_bytes: 1.5mb\n  link_credit_bytes: 2000000\n';
    expect(load({ yaml }).limits).toMatchObject({ maxValueBytes: 1572864, linkCreditBytes: 2000000 });
  });

  it('reads levels of components from a mapping and from a text', () => {
    const yaml = 'logging:\n  components:\n    raft: debug\n';
    expect(load({ yaml }).logging.components).toEqual({ RAFT: 'DEBUG' });
    const env = { HC_LOG_COMPONENTS: 'RAFT=TRACE, GATEWAY=WARN' };
    expect(load({ yaml, env }).logging.components).toEqual({ RAFT: 'TRACE', GATEWAY: 'WARN' });
  });

  it('reads stores from the file and from a variable, and adds the default one', () => {
    const yaml = 'stores:\n  - name: sessions\n    type: session\n    memory_limit: 64mb\n';
    expect(load({ yaml }).stores.map((store) => store.name)).toEqual(['default', 'sessions']);
    const env = { HC_STORES: '[{name: default, memory_limit: 32mb, default_ttl_ms: 1000}]' };
    expect(load({ yaml, env }).stores).toMatchObject([{ name: 'default', memoryLimit: 33554432, defaultTtlMs: 1000 }]);
  });

  it('takes the OTLP collector from the standard variable', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318' };
    expect(load({ env }).tracing.endpoint).toBe('http://jaeger:4318');
  });
});

describe('faults', () => {
  it.each<[string, Given, string]>([
    [
      'a text for a number in the file',
      { yaml: 'network:\n  resp_port: abc\n' },
      'network.resp_port: "abc" is not allowed: use an integer from 0 to 65535 (test.yaml:2)',
    ],
    [
      'a number out of range in a variable',
      { env: { HC_RESP_PORT: '65536' } },
      'network.resp_port: "65536" is not allowed: use an integer from 0 to 65535 (HC_RESP_PORT)',
    ],
    [
      'a text for a number on the command line',
      { argv: ['--weight', 'heavy'] },
      'cluster.weight: "heavy" is not allowed: use an integer from 1 to 64 (--weight)',
    ],
    [
      'a boolean',
      { yaml: 'protocols:\n  rest_enabled: perhaps\n' },
      'protocols.rest_enabled: "perhaps" is not allowed: use true or false (test.yaml:2)',
    ],
    [
      'a choice',
      { env: { HC_LOG_LEVEL: 'LOUD' } },
      'logging.level: "LOUD" is not allowed: use one of ERROR, WARN, INFO, DEBUG, TRACE (HC_LOG_LEVEL)',
    ],
    [
      'a size',
      { yaml: 'limits:\n  max_value_bytes: 2gb\n' },
      'limits.max_value_bytes: "2gb" is not allowed: use a size from 1kb to 512mb, such as 65536, 512kb, 256mb or 2gb (test.yaml:2)',
    ],
    [
      'a name that is no subject token',
      { env: { HC_CLUSTER: 'a.b' } },
      'cluster.name: "a.b" is not allowed: use 1 to 64 letters, digits, "-" and "_" (HC_CLUSTER)',
    ],
    [
      'a mapping in place of a text',
      { yaml: 'network:\n  host: {a: 1}\n' },
      'network.host: {"a":1} is not allowed: use a host name or an address, such as 127.0.0.1 or 0.0.0.0 (test.yaml:2)',
    ],
    [
      'a text in place of a section',
      { yaml: 'network: fast\n' },
      'network: "fast" is not allowed: use a mapping of settings (test.yaml:1)',
    ],
    [
      'an unknown section',
      { yaml: 'netwrok:\n  a: 1\n' },
      'netwrok: no such setting; did you mean "network"? (test.yaml:1)',
    ],
    [
      'an unknown key in another spelling',
      { yaml: 'network:\n  respPort: 1\n' },
      'network.respPort: no such setting; did you mean "resp_port"? (test.yaml:2)',
    ],
    [
      'an unknown key that is like none',
      { yaml: 'cluster:\n  xyz: 1\n' },
      'cluster.xyz: no such setting (test.yaml:2)',
    ],
    [
      'an unknown key in a list',
      { yaml: 'stores:\n  - name: a\n    memory-limit: 1\n' },
      'stores[0].memory-limit: no such setting; did you mean "memory_limit"? (test.yaml:3)',
    ],
    [
      'a value in a list',
      { yaml: 'stores:\n  - name: a\n  - name: b\n    type: fast\n' },
      'stores[1].type: "fast" is not allowed: use one of general, session, ttl-only (test.yaml:4)',
    ],
    [
      'a list that is none',
      { env: { HC_STORES: 'many' } },
      'stores: "many" is not allowed: use a list of mappings (HC_STORES)',
    ],
    [
      'a list of something else',
      { yaml: 'stores: [1]\n' },
      'stores[0]: 1 is not allowed: use a mapping of settings (test.yaml:1)',
    ],
    [
      'addresses of NATS, without their password',
      { env: { NATS_URL: 'http://me:secret@host' } },
      'nats.servers: "http://***@host" is not allowed: use a list of addresses such as nats://host:4222 (NATS_URL)',
    ],
    [
      'a secret, without showing it',
      { yaml: 'security:\n  rest_tokens: [short]\n' },
      'security.rest_tokens: "***" is not allowed: use a list of tokens of 8 to 512 printable characters without spaces (test.yaml:2)',
    ],
    [
      'a secret in a list',
      { yaml: 'security:\n  users:\n    - name: joe\n      password: [hidden]\n' },
      'security.users[0].password: "***" is not allowed: use 1 to 512 characters (test.yaml:4)',
    ],
    [
      'broken YAML',
      { yaml: 'network:\n  host: [a\n' },
      'test.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a file that is a list', { yaml: '- 1\n' }, 'test.yaml: the file must be a mapping of sections'],
    ['an unknown flag', { argv: ['--resp-prot', '1'] }, "unknown option '--resp-prot' (Did you mean --resp-port?)"],
    ['a flag without a value', { argv: ['--resp-port'] }, "option '--resp-port <value>' argument missing"],
    [
      'partitions that are no power of two',
      { env: { HC_PARTITIONS: '100' } },
      'cluster.partitions: 100 is not allowed: use a power of two from 1 to 16384 (HC_PARTITIONS)',
    ],
    [
      'a node that is down before it is suspected',
      { yaml: 'cluster:\n  suspect_after_ms: 6000\n' },
      'cluster.down_after_ms: 3000 is not allowed: use more than cluster.suspect_after_ms, which is 6000 (default)',
    ],
    [
      'a node that is suspected between two heartbeats',
      { yaml: 'cluster:\n  heartbeat_interval_ms: 3000\n' },
      'cluster.suspect_after_ms: 1500 is not allowed: use more than cluster.heartbeat_interval_ms, which is 3000 (default)',
    ],
    [
      'levels of pressure out of order',
      { yaml: 'memory:\n  pressure:\n    evict_percent: 96\n' },
      'memory.pressure.back_pressure_percent: 95 is not allowed: use more than memory.pressure.evict_percent, which is 96 (default)',
    ],
    [
      'a node that could hold nothing',
      { yaml: 'memory:\n  node_limit: 10kb\n' },
      'memory.node_limit: 10240 is not allowed: use 0 or at least 1mb (test.yaml:2)',
    ],
    [
      'a port used twice',
      { env: { HC_HTTP_PORT: '6379' } },
      'network.http_port: 6379 is not allowed: use another port than network.resp_port (HC_HTTP_PORT)',
    ],
    [
      'output bounds in the wrong order',
      { yaml: 'limits:\n  max_client_output_bytes: 1mb\n' },
      'limits.pause_client_output_bytes: 4194304 is not allowed: use less than limits.max_client_output_bytes, which is 1048576 (default)',
    ],
    [
      'two ways to authenticate at NATS',
      { yaml: 'nats:\n  user: a\n  token: b\n' },
      'nats.user, nats.token: use one way to authenticate, not several',
    ],
    ['a password for nobody', { yaml: 'nats:\n  password: b\n' }, 'nats.password: needs nats.user'],
    [
      'half of a key pair',
      { yaml: 'nats:\n  tls:\n    cert_file: b\n' },
      'nats.tls.cert_file and nats.tls.key_file: need each other',
    ],
    [
      'two stores of one name',
      { yaml: 'stores:\n  - name: a\n  - name: a\n' },
      'stores[1].name: "a" is not allowed: use a name that no other element has, as stores[0].name does (test.yaml:3)',
    ],
  ])('names %s', (_what, given, line) => {
    expect(faults(given)).toEqual([line]);
  });

  it('reports everything at once', () => {
    const yaml = 'network:\n  resp_port: abc\n  nonsense: 1\n';
    expect(faults({ yaml, env: { HC_WEIGHT: '-1' } })).toHaveLength(3);
  });

  it('names a file that is not there', () => {
    const argv = ['--config', join(folder, 'missing.yaml')];
    expect(() => loadConfig({ argv, env: {}, role: 'gateway' })).toThrow(
      /missing\.yaml: the file cannot be read: ENOENT/,
    );
    const env = { HC_CONFIG: join(folder, 'gone.yaml') };
    expect(() => loadConfig({ argv: [], env, role: 'gateway' })).toThrow(/gone\.yaml/);
  });

  it('refuses a small file that expands to a huge one', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i === 0 ? 'x' : `*a${i - 1}`)
          .join(',')}]`,
    );
    expect(faults({ yaml: `${levels.join('\n')}\n` })[0]).toMatch(/alias/i);
  });

  it('keeps warnings for variables that look like settings', () => {
    const { origin } = load({ env: { HC_RESP_PROT: '1', HC_READY_FILE: '/x', OTHER: '1' } });
    expect(origin.warnings).toEqual([
      'the environment variable HC_RESP_PROT is no setting; did you mean "HC_RESP_PORT"?',
    ]);
  });
});

describe('help', () => {
  it('lists every flag with its variables and default', () => {
    let text = '';
    try {
      load({ argv: ['--help'] });
    } catch (error) {
      if (error instanceof HelpRequested) text = error.text;
    }
    expect(text).toMatch(/--resp-port <value>\s+Port of Redis's protocol/);
    expect(text.replace(/\s+/g, ' ')).toContain('(HC_NETWORK_RESP_PORT, HC_RESP_PORT; default: 6379)');
  });
});
