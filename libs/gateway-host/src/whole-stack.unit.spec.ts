import { ALL_COMMANDS, CommandTable } from '#libs/commands';
import { CoordinatorHost } from '#libs/coordinator-host';
import { MemoryDisk } from '#libs/disk-memory';
import { encodeCommand } from '#libs/resp';
import { STORAGE_DEFAULTS, StorageHost, type StorageOptions } from '#libs/storage-host';
import {
  CollectingLogger,
  CollectingTelemetry,
  FakeSocket,
  type ManualBus,
  ManualNetwork,
  SeededRng,
} from '#libs/test-ports';
import { GATEWAY_DEFAULTS, GatewayHost, type GatewayOptions } from './index.js';

const TABLE = new CommandTable(ALL_COMMANDS);

/** A coordinator, storage nodes and gateways on one bus. */
class Cluster {
  readonly network: ManualNetwork;
  readonly logger = new CollectingLogger();
  readonly telemetry = new CollectingTelemetry();
  readonly storage = new Map<string, { readonly host: StorageHost; readonly buses: readonly ManualBus[] }>();
  readonly gateways = new Map<string, GatewayHost>();
  private readonly rng = new SeededRng();

  constructor({ nodes = 3, partitionCount = 16, maxPayloadBytes = 1024 * 1024 } = {}) {
    this.network = new ManualNetwork(undefined, maxPayloadBytes);
    const { time } = this.network;
    const coordinator = new CoordinatorHost({
      bus: this.network.bus(),
      disk: new MemoryDisk({ runLater: (callback) => time.endOfTurn(callback) }),
      clock: time,
      timers: time,
      rng: this.rng,
      logger: this.logger,
      options: { cluster: 't', nodeId: 'c1', expectedStorageNodes: nodes, partitionCount, rebalanceDelayMs: 100 },
    });
    coordinator.bindToBus();
    coordinator.start((error) => expect(error).toBeUndefined());
    for (let i = 1; i <= nodes; i++) this.addStorage(`s${i}`);
  }

  private ports() {
    const { network, logger, telemetry, rng } = this;
    const buses = [network.bus(), network.bus()];
    const { time } = network;
    return { buses, ports: { control: buses[0], data: buses[1], clock: time, timers: time, rng, logger, telemetry } };
  }

  addStorage(nodeId: string, options: Partial<StorageOptions> = {}): StorageHost {
    const { ports, buses } = this.ports();
    const identity = {
      cluster: 't',
      nodeId,
      softwareVersion: '0',
      advertise: { host: 'h', adminPort: 0 },
      zone: '',
      weight: 1,
    };
    const host = new StorageHost(ports, { ...STORAGE_DEFAULTS, ...identity, ...options }, TABLE);
    this.storage.set(nodeId, { host, buses });
    host.start();
    return host;
  }

  addGateway(nodeId = 'g1', options: Partial<GatewayOptions> = {}): GatewayHost {
    const { ports } = this.ports();
    const identity = {
      cluster: 't',
      nodeId,
      mode: 'cluster' as const,
      softwareVersion: '0',
      advertise: { host: '127.0.0.1', respPort: 6379, httpPort: 0, adminPort: 0 },
      zone: '',
      users: new Map<string, string>(),
    };
    const gateway = new GatewayHost(ports, { ...GATEWAY_DEFAULTS, ...identity, ...options }, TABLE);
    this.gateways.set(nodeId, gateway);
    gateway.start();
    return gateway;
  }

  advance(ms: number): void {
    this.network.time.advance(ms);
  }

  client(gatewayId = 'g1') {
    const gateway = this.gateways.get(gatewayId) as GatewayHost;
    const socket = new FakeSocket();
    const session = gateway.sockets.onConnect(socket);
    const post = (...commands: (string | readonly string[])[]): void => {
      const chunks = commands.map((command) =>
        encodeCommand(typeof command === 'string' ? command.split(' ') : command),
      );
      gateway.sockets.onData(session, Buffer.concat(chunks));
    };
    const call = (...commands: (string | readonly string[])[]): string => {
      post(...commands);
      this.network.settle();
      return socket.take();
    };
    return { socket, post, call };
  }

  /** How many partitions each storage node serves. */
  get shares(): number[] {
    const gateway = this.gateways.get('g1');
    const routing = gateway?.routing;
    return [...this.storage.keys()].map((nodeId) => {
      const index = routing?.nodeIndexOf(nodeId) ?? -1;
      return index < 0 ? 0 : (routing?.partitionsOf(index).length ?? 0);
    });
  }

  /** Breaks or restores a storage node's connections. */
  cutOff(nodeId: string, isCut: boolean): void {
    for (const bus of this.storage.get(nodeId)?.buses ?? []) bus.setStatus(isCut ? 'disconnected' : 'connected');
  }
}

function formed(options?: ConstructorParameters<typeof Cluster>[0]): Cluster {
  const cluster = new Cluster(options);
  cluster.addGateway();
  cluster.advance(2000);
  expect(cluster.gateways.get('g1')?.unreadyReasons()).toEqual([]);
  return cluster;
}

function manyKeys(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `key:${i}`);
}

describe('a whole cluster', () => {
  it('forms, shares the partitions out, and serves every key from every gateway', () => {
    const cluster = formed();
    cluster.addGateway('g2');
    cluster.advance(1000);
    expect(cluster.shares.toSorted()).toEqual([5, 5, 6]);
    const [one, two] = [cluster.client('g1'), cluster.client('g2')];
    const keys = manyKeys(100);
    expect(one.call(...keys.map((key) => ['set', key, `v ${key}`]))).toBe('+OK\r\n'.repeat(100));
    expect(two.call(...keys.map((key) => ['get', key]))).toBe(
      keys.map((key) => `$${key.length + 2}\r\nv ${key}\r\n`).join(''),
    );
    expect(two.call('dbsize')).toBe(':100\r\n');
    expect(two.call(['mget', ...keys.toReversed()])).toBe(
      `*100\r\n${keys
        .toReversed()
        .map((key) => `$${key.length + 2}\r\nv ${key}\r\n`)
        .join('')}`,
    );
    expect(
      two
        .call('keys *')
        .split('\r\n')
        .filter((line) => line.startsWith('key:'))
        .toSorted(),
    ).toEqual(keys.toSorted());
    expect(one.call('cluster info')).toContain('cluster_state:ok');
    cluster.advance(1000);
    expect(one.call('info keyspace')).toContain('db0:keys=100,');
    expect(one.call('flushall')).toBe('+OK\r\n');
    expect(two.call('dbsize', 'randomkey')).toBe(':0\r\n$-1\r\n');
  });

  it('walks over all keys by SCAN', () => {
    const cluster = formed();
    const client = cluster.client();
    const keys = manyKeys(500);
    client.call(...keys.map((key) => ['set', key, '1']));
    const found = new Set<string>();
    let cursor = '0';
    let calls = 0;
    do {
      const [next, ...names] = client
        .call(`scan ${cursor} count 20`)
        .split('\r\n')
        .filter((line) => /^[^*$]/.test(line));
      for (const name of names) found.add(name);
      cursor = next;
      calls++;
    } while (cursor !== '0' && calls < 1000);
    expect([...found].toSorted()).toEqual(keys.toSorted());
    expect(
      client
        .call('scan 0 match key:7* count 1000')
        .match(/key:\d+/g)
        ?.every((name) => name.startsWith('key:7')),
    ).toBe(true);
  });

  it('keeps a pipeline of one key in order, and numbers right', () => {
    const cluster = formed();
    const client = cluster.client();
    const commands = Array.from({ length: 200 }, () => 'incr counter');
    expect(client.call(...commands)).toBe(commands.map((_, i) => `:${i + 1}\r\n`).join(''));
  });

  it('moves partitions to a node that joins, without losing a write or failing a command', () => {
    const cluster = formed({ nodes: 2, partitionCount: 8 });
    const client = cluster.client();
    const keys = manyKeys(60);
    client.call(...keys.map((key) => ['set', key, '0']));
    cluster.addStorage('s3');
    let rounds = 0;
    for (; rounds < 400 && cluster.shares.some((share) => share < 2 || share > 3); rounds++) {
      for (const key of keys) client.post(`incr ${key}`);
      cluster.advance(20);
    }
    expect(cluster.shares.toSorted()).toEqual([2, 3, 3]);
    cluster.advance(3000);
    const text = client.socket.take();
    expect(text).not.toContain('-');
    expect(client.call(['mget', ...keys])).toBe(
      `*60\r\n${keys.map(() => `$${String(rounds).length}\r\n${rounds}\r\n`).join('')}`,
    );
  });

  it('carries large values in parts, also over a move', () => {
    const cluster = formed({ nodes: 1, partitionCount: 4, maxPayloadBytes: 16 * 1024 });
    const client = cluster.client();
    const large = 'x'.repeat(300_000);
    const keys = manyKeys(8);
    expect(client.call(...keys.map((key) => ['set', key, large]))).toBe('+OK\r\n'.repeat(8));
    cluster.addStorage('s2');
    cluster.advance(10_000);
    expect(cluster.shares).toEqual([2, 2]);
    expect(client.call(...keys.map((key) => ['strlen', key]))).toBe(':300000\r\n'.repeat(8));
    expect(client.call(['getrange', keys[0], '0', '-1']).length).toBe(300_011);
  });

  it('serves the keys of a storage node that was cut off again when it is back, and the others meanwhile', () => {
    const cluster = formed();
    const client = cluster.client();
    const keys = manyKeys(90);
    client.call(...keys.map((key) => ['set', key, '1']));
    cluster.cutOff('s2', true);
    client.post(...keys.map((key) => ['get', key]));
    cluster.advance(10_000);
    const meanwhile = client.socket.take();
    expect(meanwhile.match(/^\$1\r$/gm)?.length).toBeGreaterThan(30);
    expect(meanwhile).toMatch(/^-/m);
    expect(client.call(...keys.map((key) => ['get', key]))).toMatch(/^-CLUSTERDOWN/m);
    cluster.cutOff('s2', false);
    cluster.advance(5000);
    expect(client.call(...keys.map((key) => ['get', key]))).toBe('$1\r\n1\r\n'.repeat(90));
  });

  it('lets the next process of a storage node that died serve its partitions, empty', () => {
    const cluster = formed();
    const client = cluster.client();
    const keys = manyKeys(90);
    client.call(...keys.map((key) => ['set', key, '1']));
    cluster.cutOff('s2', true);
    cluster.addStorage('s2');
    cluster.advance(3000);
    const left = Number(client.call('dbsize').slice(1));
    expect(left).toBeGreaterThan(30);
    expect(left).toBeLessThan(90);
    expect(client.call(...keys.map((key) => ['set', key, '2']))).toBe('+OK\r\n'.repeat(90));
    expect(client.call('dbsize')).toBe(':90\r\n');
  });

  it('answers at once for the partitions of a storage node that has left', () => {
    const cluster = formed();
    const client = cluster.client();
    let isStopped = false;
    cluster.storage.get('s3')?.host.stop(() => (isStopped = true));
    cluster.network.settle();
    expect(isStopped).toBe(true);
    cluster.advance(100);
    const replies = client
      .call(...manyKeys(30).map((key) => ['set', key, '2']))
      .split('\r\n')
      .slice(0, -1);
    expect(replies).toHaveLength(30);
    expect(new Set(replies)).toEqual(new Set(['+OK', '-CLUSTERDOWN The cluster is down']));
    cluster.addStorage('s3');
    cluster.advance(1000);
    expect(client.call(...manyKeys(30).map((key) => ['set', key, '2']))).toBe('+OK\r\n'.repeat(30));
  });

  it('is atomic over all keys where it is one process', () => {
    const cluster = new Cluster({ nodes: 1 });
    cluster.addGateway('g1', { mode: 'standalone' });
    cluster.advance(2000);
    const client = cluster.client();
    expect(client.call('mset a 1 b 2 c 3', 'rename a z', 'copy z y', 'msetnx p 1 q 2', 'mget a z y p q b c')).toBe(
      '+OK\r\n+OK\r\n:1\r\n:1\r\n*7\r\n$-1\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n2\r\n$1\r\n3\r\n',
    );
  });

  it('CONFIG RESETSTAT resets what every storage node counts', () => {
    const cluster = formed();
    const client = cluster.client();
    client.call(...manyKeys(50).map((key) => ['set', key, 'v']), ...manyKeys(60).map((key) => ['get', key]));
    const counted = (): readonly (number | undefined)[] => {
      const stores = [...cluster.storage.values()].map(({ host }) => host.stores.get(0)?.statistics);
      const sum = (pick: 'hits' | 'misses' | 'sets'): number =>
        stores.reduce((total, each) => total + (each?.[pick] ?? 0), 0);
      return [sum('hits'), sum('misses'), sum('sets')];
    };
    expect(counted()).toEqual([50, 10, 50]);
    cluster.advance(1_000);
    expect(client.call('info stats')).toContain('keyspace_hits:50\r\nkeyspace_misses:10');
    expect(client.call('config resetstat')).toBe('+OK\r\n');
    expect(counted()).toEqual([0, 0, 0]);
    expect(client.call('info stats')).toContain('keyspace_hits:0\r\nkeyspace_misses:0');
    cluster.advance(1_000);
    expect(client.call('info stats')).toContain('keyspace_hits:0\r\nkeyspace_misses:0');
  });
});
