import {
  decodeChangeReply,
  decodeClusterTable,
  decodeEventNotice,
  decodeHeartbeat,
  decodeMoveFinishedReply,
  encodeChangeRequest,
  encodeHeartbeat,
  encodeLeave,
  encodeMoveFinished,
  NO_STATS,
  RoutingTable,
  storeFromPreset,
  type ChangeReply,
  type ClusterChange,
  type ClusterTable,
  type Heartbeat,
  type MoveFinished,
  type MoveFinishedReply,
} from '#libs/cluster';
import { analyse } from '#libs/ring';
import { subjectsOf } from '#libs/wire';
import { CoordinatorHost } from './coordinator-host.js';
import { CollectingLogger, FakeDisk, ManualTime, RecordingBus, SeededRng } from './fake-ports.support.spec.js';
import type { CoordinatorOptions } from './options.js';
import { decodeIdentity, encodeIdentity, IDENTITY_PATH, RAFT_FOLDER } from './group/identity-file.js';

const SUBJECTS = subjectsOf('test');
const MIB = 1024 * 1024;

/** A coordinator on fake ports, and members whose heartbeats the test sends. */
class World {
  readonly time = new ManualTime();
  readonly bus = new RecordingBus();
  readonly logger = new CollectingLogger();
  disk = new FakeDisk(this.time);
  host!: CoordinatorHost;
  readonly alive = new Map<string, Heartbeat>();
  private rng = new SeededRng();

  constructor(private readonly options: Partial<CoordinatorOptions> = {}) {}

  start(): Error | undefined {
    let ready = false;
    let failure: Error | undefined;
    this.host = new CoordinatorHost({
      bus: this.bus,
      disk: this.disk,
      clock: this.time,
      timers: this.time,
      rng: this.rng,
      logger: this.logger,
      options: { cluster: 'test', nodeId: 'c1', partitionCount: 64, ...this.options },
    });
    this.host.start((error) => {
      ready = true;
      failure = error;
    });
    this.time.advance(0);
    expect(ready).toBe(true);
    if (failure === undefined) this.host.bindToBus();
    return failure;
  }

  /** The process ends and another one takes its place. */
  restart(): Error | undefined {
    let stopped = false;
    this.host.stop(() => (stopped = true));
    this.time.advance(0);
    expect(stopped).toBe(true);
    return this.start();
  }

  member(nodeId: string, change: Partial<Heartbeat> = {}): Heartbeat {
    const heartbeat: Heartbeat = {
      featureLevel: 1,
      cluster: 'test',
      nodeId,
      role: 'storage-node',
      incarnation: 100,
      softwareVersion: '1',
      endpoints: { host: nodeId, respPort: 0, httpPort: 0, adminPort: 6380 },
      zone: '',
      weight: 1,
      tableVersion: 0,
      clusterId: '',
      state: 'ready',
      stats: NO_STATS,
      moves: [],
      capabilities: [],
      ...change,
    };
    this.alive.set(nodeId, heartbeat);
    return heartbeat;
  }

  beat(heartbeat: Heartbeat): void {
    this.bus.deliver(SUBJECTS.heartbeat, encodeHeartbeat(heartbeat));
  }

  /** Lets time pass in which all living members are heard. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      if (passed % 500 === 0) for (const heartbeat of this.alive.values()) this.beat(heartbeat);
      this.time.advance(Math.min(100, ms - passed));
    }
  }

  formed(...ids: string[]): this {
    this.start();
    for (const id of ids) this.member(id);
    this.run(2000);
    expect(this.table.partitions).toHaveLength(64);
    return this;
  }

  get tables(): ClusterTable[] {
    return this.bus.payloadsOf(SUBJECTS.table).map(decodeClusterTable);
  }

  get table(): ClusterTable {
    return this.tables.at(-1) as ClusterTable;
  }

  status(nodeId: string): string | undefined {
    return this.table.nodes.find((node) => node.nodeId === nodeId)?.status;
  }

  eventNames(): string[] {
    return this.bus.published
      .filter(({ subject }) => subject.startsWith('hc.test.v1.ev.'))
      .map(({ payload }) => decodeEventNotice(payload)?.name as string);
  }

  moving(): MoveFinished[] {
    const { nodes, partitions, clusterId } = this.table;
    return partitions.flatMap(({ epoch, primary, movingTo, moveId }, partition) =>
      movingTo < 0
        ? []
        : {
            clusterId,
            partition,
            epoch,
            source: nodes[primary].nodeId,
            target: nodes[movingTo].nodeId,
            moveId,
            incarnation: nodes[primary].incarnation,
            targetIncarnation: nodes[movingTo].incarnation,
            ok: true,
            reason: '',
          },
    );
  }

  report(report: MoveFinished): MoveFinishedReply | undefined {
    this.bus.published = this.bus.published.filter(({ subject }) => subject !== 'reply');
    this.bus.deliver(SUBJECTS.moveFinished, encodeMoveFinished(report), 'reply');
    this.time.advance(0);
    return this.lastReply();
  }

  lastReply(): MoveFinishedReply | undefined {
    const bytes = this.bus.payloadsOf('reply').at(-1);
    return bytes && decodeMoveFinishedReply(bytes);
  }

  loads(): number[] {
    const { nodes, partitions } = this.table;
    const storageNodes = nodes.filter((node) => node.role === 'storage-node');
    const placement = partitions.map(({ owners }) => owners.map((owner) => nodes[owner].nodeId));
    return analyse(
      placement,
      storageNodes.map(({ nodeId, weight, zone }) => ({ id: nodeId, weight, zone })),
    ).nodes.map((load) => load.partitions);
  }
}

describe('forming a cluster', () => {
  it('waits for the delay after the first ready storage node, then places every partition evenly', () => {
    const world = new World();
    world.start();
    world.member('g1', { role: 'gateway' });
    world.run(5000);
    expect(world.tables).toEqual([]);
    world.member('s1');
    world.member('s2');
    world.member('s3', { state: 'starting' });
    world.run(1400);
    expect(world.tables).toEqual([]);
    world.run(300);
    expect(world.loads()).toEqual([32, 32]);
    expect(world.table.nodes.map((node) => [node.nodeId, node.role])).toEqual([
      ['c1', 'coordinator'],
      ['g1', 'gateway'],
      ['s1', 'storage-node'],
      ['s2', 'storage-node'],
    ]);
    expect(world.table.clusterId).toMatch(/^[0-9a-f]{32}$/);
    expect(world.eventNames()).toEqual(['ClusterFormed']);
  });

  it('does not wait longer once the expected storage nodes are there', () => {
    const world = new World({ expectedStorageNodes: 3, formationDelayMs: 60_000 });
    world.start();
    world.member('s1');
    world.member('s2');
    world.run(1000);
    expect(world.tables).toEqual([]);
    world.member('s3');
    world.run(200);
    expect(world.loads().toSorted()).toEqual([21, 21, 22]);
  });

  it('leaves out candidates that have fallen silent or left', () => {
    const world = new World({ formationDelayMs: 4000 });
    world.start();
    world.member('s1');
    world.member('s2');
    world.member('s3');
    world.run(500);
    world.alive.delete('s2');
    world.alive.delete('s3');
    world.bus.deliver(SUBJECTS.leave, encodeLeave({ cluster: 'test', nodeId: 's3', incarnation: 100 }));
    world.run(4000);
    expect(world.table.nodes.map((node) => node.nodeId)).toEqual(['c1', 's1']);
  });

  it('refuses members that remember another cluster, and says so', () => {
    const world = new World();
    world.start();
    world.member('s1', { clusterId: 'other', tableVersion: 9 });
    world.run(3000);
    expect(world.tables).toEqual([]);
    expect(world.logger.matching(/refused: the member belongs to the cluster with id other/)).toBe(1);
    world.member('s2', { cluster: 'test2' });
    world.run(1000);
    expect(world.host.counters.refusedHeartbeats).toBeGreaterThan(1);
  });

  it('answers table requests with nothing before, and the durable table afterwards', () => {
    const world = new World();
    world.start();
    expect(world.host.inbox.onTableRequest()).toHaveLength(0);
    world.member('s1');
    world.run(1700);
    world.bus.deliver(SUBJECTS.tableRequest, new Uint8Array(0), 'inbox');
    expect(world.bus.payloadsOf('inbox').map(decodeClusterTable)).toEqual([world.table]);
    expect(world.host.clusterTable()).toEqual(world.table);
  });

  it('tells local listeners of each durable table until they end it', () => {
    const world = new World();
    world.start();
    const versions: number[] = [];
    const end = world.host.onTable((table) => versions.push(table.tableVersion));
    world.member('s1');
    world.run(2000);
    world.member('s2');
    world.run(100);
    end();
    world.member('s3');
    world.run(100);
    expect(versions).toEqual([1, 2]);
  });

  it('does the same for the same inputs', () => {
    const transcript = (): unknown[] => {
      const world = new World().formed('s1', 's2', 's3');
      world.member('s4');
      world.run(3000);
      return world.bus.published;
    };
    expect(transcript()).toEqual(transcript());
  });
});

describe('durability', () => {
  it('publishes nothing before it is on disk, and writes changes during a write together', () => {
    const world = new World();
    world.start();
    world.disk.held = true;
    for (const id of ['s1', 's2', 's3']) world.member(id);
    world.run(1700);
    expect(world.tables).toEqual([]);
    for (const id of ['g1', 'g2', 'g3']) world.member(id, { role: 'gateway' });
    world.run(500);
    expect(world.disk.waitingOperations).toBe(1);
    expect(world.tables).toEqual([]);
    world.disk.settle();
    expect(world.tables.map((table) => table.tableVersion)).toEqual([1, 4]);
    expect(world.eventNames()).toEqual(['ClusterFormed', 'NodeJoined', 'NodeJoined', 'NodeJoined']);
  });

  it('comes back with the same cluster after a restart', () => {
    const world = new World().formed('s1', 's2');
    const before = world.table;
    world.restart();
    world.run(1000);
    expect(world.table.clusterId).toBe(before.clusterId);
    expect(world.table.hashSeed).toBe(before.hashSeed);
    expect(world.table.partitions).toEqual(before.partitions);
    expect(world.table.tableVersion).toBeGreaterThanOrEqual(before.tableVersion);
    expect(world.status('s1')).toBe('up');
  });

  it('refuses damaged files, names them, and leaves them alone', () => {
    const world = new World().formed('s1');
    for (const path of [IDENTITY_PATH, `${RAFT_FOLDER}/hard-state.bin`, `${RAFT_FOLDER}/log-0000000000000001.seg`]) {
      const bytes = world.disk.files.get(path) as Uint8Array;
      for (const at of [0, 5, 9, 13]) {
        const damaged = bytes.slice();
        // Term and vote are there twice.
        for (const copy of [at, at + 24]) damaged[copy] ^= 0x40;
        world.disk.files.set(path, damaged);
        expect(world.restart()?.message).toContain(`${path} is damaged: `);
        expect(world.disk.files.get(path)).toBe(damaged);
        world.time.advance(5000);
      }
      world.disk.files.set(path, bytes);
    }
    expect(world.restart()).toBeUndefined();
  });

  it('refuses to start without its log, and with a log that has lost its identity', () => {
    const world = new World().formed('s1');
    const identity = world.disk.files.get(IDENTITY_PATH) as Uint8Array;
    world.disk.files.delete(IDENTITY_PATH);
    expect(world.restart()?.message).toMatch(/has a log, and coordinator\/identity.bin is missing/);
    world.disk.files.clear();
    world.disk.files.set(IDENTITY_PATH, identity);
    expect(world.restart()?.message).toMatch(/coordinator\/raft is empty although/);
  });

  it('founds its group anew where the first attempt was cut short', () => {
    const world = new World();
    world.start();
    const founded = new Map(world.disk.files);
    for (const cut of [1, 2]) {
      world.disk.files.clear();
      for (const [path, bytes] of [...founded].slice(0, cut)) world.disk.files.set(path, bytes);
      const { raftId } = decodeIdentity(founded.get(IDENTITY_PATH) as Uint8Array);
      world.disk.files.set(IDENTITY_PATH, encodeIdentity({ raftId, cluster: 'test', groupId: '' }));
      expect(world.restart()).toBeUndefined();
      expect(world.host.isLeading).toBe(true);
    }
  });

  it('refuses to start when the disk does not let it read, or the files are another cluster’s', () => {
    const world = new World().formed('s1');
    world.disk.failWith = 'io';
    expect(world.restart()?.message).toMatch(/io/);
    world.disk.failWith = undefined;
    const other = new World({ cluster: 'other' });
    for (const [path, bytes] of world.disk.files) other.disk.files.set(path, bytes);
    expect(other.start()?.message).toMatch(/is of the cluster "test", not of "other"/);
  });

  it('stops for good at the first write that fails, says so, and has all after a restart', () => {
    const world = new World().formed('s1', 's2');
    const version = world.table.tableVersion;
    const failures: string[] = [];
    world.host.onFailed = (error) => failures.push(error.message);
    expect(world.host.trouble).toBeUndefined();
    world.disk.failWith = 'no-space';
    world.member('s3');
    world.run(500);
    expect(world.host.trouble).toMatch(/has failed: .*nothing more is written/);
    expect(failures).toHaveLength(1);
    world.disk.failWith = undefined;
    world.member('s4');
    world.alive.delete('s1');
    world.run(8000);
    expect(world.table.tableVersion).toBe(version);
    expect(world.restart()).toBeUndefined();
    world.run(4000);
    expect(world.status('s3')).toBe('joining');
    expect(world.status('s4')).toBe('joining');
    expect(world.status('s1')).toBe('down');
  });
});

describe('members', () => {
  it('suspects the silent, declares them down, and lets them return with their partitions', () => {
    const world = new World().formed('s1', 's2');
    const { partitions } = world.table;
    const heartbeat = world.alive.get('s2') as Heartbeat;
    world.alive.delete('s2');
    world.run(1200);
    expect(world.status('s2')).toBe('suspect');
    expect(new RoutingTable(world.table).servingOf).not.toContain(-1);
    world.run(2000);
    expect(world.status('s2')).toBe('down');
    expect(world.status('s1')).toBe('up');
    const s2 = new RoutingTable(world.table).nodeIndexOf('s2');
    expect(world.table.partitions).toEqual(partitions);
    expect(new RoutingTable(world.table).partitionsOf(s2)).toHaveLength(32);
    expect(new RoutingTable(world.table).servingOf).not.toContain(s2);
    world.beat(heartbeat);
    world.time.advance(0);
    expect(world.status('s2')).toBe('up');
    expect(world.table.partitions).toEqual(partitions);
  });

  it('raises the epochs of a storage node that has restarted', () => {
    const world = new World().formed('s1', 's2');
    const before = world.table;
    world.member('s2', { incarnation: 101 });
    world.run(100);
    const routing = new RoutingTable(world.table);
    const s2 = routing.nodeIndexOf('s2');
    expect(routing.nodes[s2].incarnation).toBe(101);
    before.partitions.forEach(({ epoch, owners }, partition) => {
      expect(world.table.partitions[partition].owners).toEqual(owners);
      expect(routing.epochOf[partition]).toBe(owners[0] === s2 ? epoch + 1 : epoch);
    });
  });

  it('lets the newest of two processes with one node id win, also after its own restart', () => {
    const world = new World().formed('s1', 's2');
    const older = world.alive.get('s2') as Heartbeat;
    world.member('s2', { incarnation: 55 });
    world.run(500);
    const version = world.table.tableVersion;
    for (let i = 0; i < 5; i++) {
      world.beat(older);
      world.run(500);
    }
    expect(world.table.tableVersion).toBe(version);
    world.restart();
    world.beat(older);
    world.run(500);
    expect(world.table.nodes.find((node) => node.nodeId === 's2')?.incarnation).toBe(55);
    expect(world.logger.matching(/a later process has taken the node id "s2"/)).toBeGreaterThan(0);
  });

  it('admits no others than those of the list of members, where there is one', () => {
    const world = new World({ members: ['s1', 'g1'] });
    world.start();
    for (const id of ['s1', 's2']) world.member(id);
    world.member('g1', { role: 'gateway' });
    world.run(3000);
    expect(world.table.nodes.map(({ nodeId }) => nodeId)).toEqual(['c1', 'g1', 's1']);
    expect(world.logger.matching(/refused: "s2" is not in cluster.members/)).toBe(1);
  });

  it('refuses a node id that belongs to a member of another role', () => {
    const world = new World().formed('s1');
    world.beat({ ...world.member('s1'), role: 'gateway', incarnation: 3 });
    expect(world.logger.matching(/the node id "s1" belongs to a storage-node/)).toBe(1);
  });

  it('refuses a member that has a newer table than the coordinators', () => {
    const world = new World().formed('s1');
    const { clusterId, tableVersion } = world.table;
    world.beat(world.member('s1', { clusterId, tableVersion: tableVersion + 1 }));
    expect(world.logger.matching(/newer table than the coordinators/)).toBe(1);
  });

  it('refuses a second coordinator', () => {
    const world = new World().formed('s1');
    world.beat(world.member('c2', { role: 'coordinator' }));
    expect(world.logger.matching(/one coordinator/)).toBe(1);
  });

  it('marks a node that leaves at once, and takes its next process in', () => {
    const world = new World().formed('s1', 's2');
    const heartbeat = world.alive.get('s2') as Heartbeat;
    world.alive.delete('s2');
    world.bus.deliver(SUBJECTS.leave, encodeLeave({ cluster: 'test', nodeId: 's2', incarnation: 9 }));
    world.time.advance(0);
    expect(world.status('s2')).toBe('up');
    world.bus.deliver(SUBJECTS.leave, encodeLeave({ cluster: 'test', nodeId: 's2', incarnation: 100 }));
    world.time.advance(0);
    expect(world.status('s2')).toBe('left');
    world.beat(heartbeat);
    world.run(1000);
    expect(world.status('s2')).toBe('left');
    expect(world.loads()).toEqual([32, 32]);
    world.member('s2', { incarnation: 101 });
    world.run(500);
    expect(world.status('s2')).toBe('up');
  });

  it('strikes gateways that are gone off the table, but no owner of partitions', () => {
    const world = new World().formed('s1', 's2');
    world.member('g1', { role: 'gateway' });
    world.run(500);
    const { partitions } = world.table;
    world.alive.delete('g1');
    world.alive.delete('s2');
    world.run(64_000);
    expect(world.table.nodes.map((node) => node.nodeId)).toEqual(['c1', 's1', 's2']);
    expect(world.status('s2')).toBe('down');
    expect(world.table.partitions).toEqual(partitions);
  });

  it('blames nobody for an outage of the bus, or for its own pause', () => {
    const world = new World().formed('s1', 's2');
    world.bus.setStatus('disconnected');
    world.time.advance(20_000);
    world.bus.setStatus('connected');
    world.run(1000);
    world.time.freeze(30_000);
    world.run(1000);
    expect(world.eventNames()).toEqual(['ClusterFormed']);
    expect(world.status('s1')).toBe('up');
  });

  it('shows members with their statistics', () => {
    const world = new World().formed('s1');
    world.member('s1', { stats: { ...NO_STATS, keys: 7 } });
    world.run(100);
    expect(world.host.member('s1')?.heartbeat?.stats.keys).toBe(7);
    expect(world.host.members().map((member) => member.node.nodeId)).toEqual(['c1', 's1']);
    expect(world.host.member('nobody')).toBeUndefined();
  });

  it('drops what does not decode', () => {
    const world = new World().formed('s1');
    for (const subject of [SUBJECTS.heartbeat, SUBJECTS.leave, SUBJECTS.moveFinished, SUBJECTS.epochReports]) {
      world.bus.deliver(subject, Uint8Array.of(1, 2, 3), 'reply');
    }
    expect(world.host.counters.malformedMessages).toBe(4);
  });

  it('announces itself and repeats the table', () => {
    const world = new World().formed('s1');
    world.bus.published = [];
    world.run(4000);
    const own = world.bus.payloadsOf(SUBJECTS.heartbeat).map(decodeHeartbeat);
    expect(own).toHaveLength(8);
    expect(own[0]).toMatchObject({ nodeId: 'c1', role: 'coordinator', clusterId: world.table.clusterId });
    expect(world.tables).toHaveLength(2);
  });
});

describe('stores', () => {
  const definition = storeFromPreset('session', { name: 'sessions', memoryLimitBytes: 4 * MIB });

  function change(world: World, requestId: string, ...changes: ClusterChange[]): ChangeReply[] {
    const replies: ChangeReply[] = [];
    const request = { clusterId: world.table.clusterId, requestId, changes };
    world.host.inbox.onChange(encodeChangeRequest(request), (bytes) => replies.push(decodeChangeReply(bytes)));
    return replies;
  }

  it('are created durably, and refused with a reason', () => {
    const world = new World().formed('s1');
    const first = change(world, 'r1', { type: 'CreateStore', definition });
    expect(first).toEqual([]);
    world.time.advance(0);
    const { tableVersion } = world.table;
    expect(first).toEqual([{ accepted: true, tableVersion }]);
    const second = change(world, 'r2', { type: 'CreateStore', definition });
    world.time.advance(0);
    expect(second).toEqual([{ accepted: false, code: 'exists', reason: 'there is a store "sessions" already' }]);
    expect(world.table.stores.map(({ name }) => name)).toEqual(['default', 'sessions']);
  });

  it('are changed once by a request that comes again, before and after a restart', () => {
    const world = new World().formed('s1');
    change(world, 'r1', { type: 'CreateStore', definition });
    const repeated = change(world, 'r1', { type: 'CreateStore', definition });
    world.time.advance(0);
    const { tableVersion } = world.table;
    expect(repeated).toEqual([{ accepted: true, tableVersion }]);
    change(world, 'r2', { type: 'DropStore', name: 'sessions' });
    world.time.advance(0);
    const next = restarted(world, {});
    const { clusterId } = world.table;
    const late = change(next, 'r1', { type: 'CreateStore', definition });
    next.time.advance(0);
    expect(late).toEqual([{ accepted: true, tableVersion }]);
    expect(next.table).toMatchObject({ clusterId, tableVersion: tableVersion + 1 });
    expect(next.table.stores).toHaveLength(1);
  });

  it('cannot be changed before there is a cluster', () => {
    const world = new World();
    world.start();
    const replies: ChangeReply[] = [];
    const { clusterId } = decodeHeartbeat(world.bus.payloadsOf(SUBJECTS.heartbeat).at(-1) as Uint8Array);
    world.host.change({ clusterId, requestId: 'r1', changes: [] }, (reply) => replies.push(reply));
    expect(replies).toEqual([{ accepted: false, code: 'unavailable', reason: expect.stringMatching(/no cluster/) }]);
  });

  it('leave who asked without an answer where the disk fails: nobody can say what became of it', () => {
    const world = new World().formed('s1');
    world.disk.failWith = 'io';
    const first = change(world, 'r1', { type: 'CreateStore', definition });
    world.time.advance(0);
    const second = change(world, 'r2', { type: 'DropStore', name: 'sessions' });
    world.run(5000);
    expect([first, second]).toEqual([[], []]);
  });

  function restarted(world: World, options: Partial<CoordinatorOptions>): World {
    const next = new World(options);
    for (const [path, bytes] of world.disk.files) next.disk.files.set(path, bytes);
    next.start();
    next.run(100);
    return next;
  }

  it('of the settings are added at a restart, and keep their changes where they are there already', () => {
    const world = new World().formed('s1');
    const settings = storeFromPreset('general', { name: 'default', memoryLimitBytes: 5 * MIB, defaultTtlMs: 1 });
    const next = restarted(world, { stores: [settings, definition], partitionCount: 128 });
    expect(next.table.stores).toEqual([world.table.stores[0], { ...definition, id: 1 }]);
    expect(next.logger.matching(/"default" keeps .* differ in memoryLimitBytes, defaultTtlMs/)).toBe(1);
    expect(next.table.partitions).toHaveLength(64);
    expect(next.logger.matching(/formed with 64 partitions and keeps them/)).toBe(1);
  });
});

describe('moves', () => {
  const grown = (options: Partial<CoordinatorOptions> = {}): World => {
    const world = new World(options).formed('s1', 's2');
    world.member('s3');
    world.run(1200);
    return world;
  };

  it('begin after a pause when a storage node has joined, only as many at once as allowed', () => {
    const world = new World().formed('s1', 's2');
    world.member('s3');
    world.run(900);
    expect(world.moving()).toEqual([]);
    world.run(300);
    expect(world.moving()).toHaveLength(4);
    expect(world.moving().every((move) => move.target === 's3')).toBe(true);
    world.run(1000);
    expect(world.moving()).toHaveLength(4);
  });

  it('go on one by one until every node has its share', () => {
    const world = grown();
    let reports = 0;
    for (let next = world.moving(); next.length > 0; next = world.moving()) {
      expect(next.length).toBeLessThanOrEqual(4);
      expect(world.report(next[0])?.accepted).toBe(true);
      reports++;
    }
    expect(reports).toBe(21);
    expect(world.loads().toSorted()).toEqual([21, 21, 22]);
    expect(world.host.counters).toMatchObject({ movesStarted: 21, movesFinished: 21, movesAborted: 0 });
    world.run(5000);
    expect(world.moving()).toEqual([]);
  });

  it('begin the next one with the end of another, in the same table', () => {
    const world = grown();
    const [first] = world.moving();
    const { tablesPublished } = world.host.counters;
    expect(world.report(first)?.accepted).toBe(true);
    expect(world.moving()).toHaveLength(4);
    expect(world.host.counters.tablesPublished).toBe(tablesPublished + 1);
  });

  it('give the partition its new owner under a new epoch, and accept a repeated report', () => {
    const world = grown();
    const move = world.moving()[0];
    expect(world.report(move)).toMatchObject({ accepted: true, reason: '' });
    const { epoch, owners, movingTo, moveId } = world.table.partitions[move.partition];
    expect([epoch, world.table.nodes[owners[0]].nodeId, movingTo, moveId]).toEqual([move.epoch + 1, 's3', -1, 0]);
    const version = world.table.partitions[move.partition];
    expect(world.report(move)?.accepted).toBe(true);
    expect(world.table.partitions[move.partition]).toEqual(version);
  });

  it('answer only when the outcome is durable', () => {
    const world = grown();
    world.disk.held = true;
    expect(world.report(world.moving()[0])).toBeUndefined();
    world.disk.settle();
    expect(world.lastReply()?.accepted).toBe(true);
  });

  it('leave the outcome open where the disk fails, and tell it after a restart', () => {
    const world = grown();
    const [first, second] = world.moving();
    world.disk.failWith = 'io';
    expect(world.report(first)).toBeUndefined();
    expect(world.report(second)).toBeUndefined();
    world.disk.failWith = undefined;
    world.restart();
    expect(world.report(first)?.accepted).toBe(true);
    expect(world.report(second)?.accepted).toBe(true);
  });

  it('refuse reports that are not of the move under way', () => {
    const world = grown();
    const move = world.moving()[0];
    const wrong: Partial<MoveFinished>[] = [
      { clusterId: 'other' },
      { partition: 16_000 },
      { epoch: move.epoch + 1 },
      { moveId: move.moveId - 1 },
      { source: 's3' },
      { target: 's1' },
      { incarnation: 1 },
      { partition: world.table.partitions.findIndex(({ movingTo }) => movingTo < 0) },
    ];
    for (const change of wrong) {
      const reply = world.report({ ...move, ...change });
      expect(reply?.accepted).toBe(false);
      expect(reply?.reason).not.toBe('');
    }
    expect(world.report(move)?.accepted).toBe(true);
  });

  it('are aborted at the same epoch when the source says that they failed, and tried again later', () => {
    const world = grown();
    const move = world.moving()[0];
    expect(world.report({ ...move, ok: false, reason: 'no memory' })?.accepted).toBe(true);
    expect(world.table.partitions[move.partition]).toMatchObject({ epoch: move.epoch, movingTo: -1, moveId: 0 });
    world.run(2500);
    const again = world.moving().find(({ partition }) => partition === move.partition);
    expect(again?.epoch).toBe(move.epoch);
    expect(world.report(move)?.accepted).toBe(false);
    expect(world.report(again as MoveFinished)?.accepted).toBe(true);
  });

  it('are aborted when they make no progress, but not while they do', () => {
    const world = grown();
    const [slow, ...stuck] = world.moving();
    for (let bytesCopied = 1; bytesCopied < 32; bytesCopied++) {
      world.member(slow.source, { moves: [{ partition: slow.partition, bytesCopied }] });
      world.run(500);
    }
    const now = world.moving();
    expect(now.find(({ partition }) => partition === slow.partition)?.moveId).toBe(slow.moveId);
    for (const { moveId, partition } of stuck) {
      expect(now.some((move) => move.moveId === moveId)).toBe(false);
      expect(world.report({ ...slow, moveId, partition })?.accepted).toBe(false);
    }
  });

  it.each(['source', 'target'] as const)('are aborted when the %s is down, and go on when it is back', (end) => {
    const world = grown();
    const gone = world.moving()[0][end];
    const heartbeat = world.alive.get(gone) as Heartbeat;
    world.alive.delete(gone);
    world.run(4000);
    expect(world.status(gone)).toBe('down');
    expect(world.moving().some((move) => move[end] === gone)).toBe(false);
    world.alive.set(gone, heartbeat);
    world.run(3000);
    expect(world.moving().some((move) => move[end] === gone)).toBe(true);
  });

  it('are aborted when the target restarts, since it has lost the copy', () => {
    const world = grown();
    const move = world.moving()[0];
    world.member('s3', { incarnation: 101 });
    world.run(100);
    expect(world.report(move)?.accepted).toBe(false);
    expect(world.table.partitions[move.partition]).toMatchObject({ epoch: move.epoch, movingTo: -1 });
  });

  it('survive a restart of the coordinator, time-out included', () => {
    const world = grown();
    const [first, second] = world.moving();
    world.restart();
    world.run(500);
    expect(world.report(first)?.accepted).toBe(true);
    world.run(16_000);
    expect(world.report(second)?.accepted).toBe(false);
  });

  it('do not happen where rebalancing is off', () => {
    const world = grown({ rebalance: false });
    world.run(5000);
    expect(world.status('s3')).toBe('joining');
    expect(world.moving()).toEqual([]);
  });
});

describe('draining', () => {
  /** Reports every move as done until there is none. */
  const finishMoves = (world: World): void => {
    for (let rounds = 0; rounds < 64 && world.moving().length > 0; rounds++) {
      for (const move of world.moving()) world.report(move);
      world.run(100);
    }
  };
  const ownedBy = ({ table }: World, nodeId: string): number =>
    table.partitions.filter(({ owners }) => table.nodes[owners[0]].nodeId === nodeId).length;

  it('begins when a storage node says so, ends when it owns nothing, and is over with its next process', () => {
    const world = new World().formed('s1', 's2');
    world.member('s1', { state: 'draining' });
    world.run(1500);
    expect(world.status('s1')).toBe('draining');
    finishMoves(world);
    expect(ownedBy(world, 's1')).toBe(0);
    expect(world.eventNames().filter((name) => name === 'NodeDrained')).toHaveLength(1);
    world.bus.deliver(SUBJECTS.leave, encodeLeave({ cluster: 'test', nodeId: 's1', incarnation: 100 }));
    world.alive.delete('s1');
    world.run(200);
    expect(world.status('s1')).toBe('left');
    world.member('s1', { incarnation: 101 });
    world.run(3000);
    finishMoves(world);
    expect(world.status('s1')).toBe('up');
    expect(ownedBy(world, 's1')).toBe(32);
  });

  it('goes on with the same moves after a restart of the coordinator', () => {
    const world = new World().formed('s1', 's2');
    world.member('s1', { state: 'draining' });
    world.run(1500);
    for (const move of world.moving()) world.report(move);
    expect(world.restart()).toBeUndefined();
    world.run(3000);
    expect(world.status('s1')).toBe('draining');
    finishMoves(world);
    expect(ownedBy(world, 's1')).toBe(0);
    expect(world.eventNames()).toContain('NodeDrained');
  });

  it('does not begin where nobody could take over, and not for other roles', () => {
    const world = new World().formed('s1', 's2');
    world.member('s1', { state: 'draining' });
    world.member('s2', { state: 'draining' });
    world.beat(world.member('g1', { role: 'gateway' }));
    world.member('g1', { role: 'gateway', state: 'draining' });
    world.run(1000);
    expect([world.status('s1'), world.status('s2'), world.status('g1')]).toEqual(['draining', 'up', 'up']);
  });
});

it('a storage node that announces another weight gets another share', () => {
  const world = new World().formed('s1', 's2');
  world.member('s1', { weight: 3 });
  world.run(1500);
  expect(world.moving().every(({ source, target }) => source === 's2' && target === 's1')).toBe(true);
  expect(world.moving().length).toBeGreaterThan(0);
});

describe('stopping', () => {
  it('waits for the write under way, and leaves no timer and no subscription', () => {
    const world = new World().formed('s1');
    world.disk.held = true;
    world.beat(world.member('s2'));
    let stopped = false;
    world.host.stop(() => (stopped = true));
    expect(stopped).toBe(false);
    world.disk.settle();
    expect(stopped).toBe(true);
    expect(world.bus.deliver(SUBJECTS.heartbeat, new Uint8Array(0))).toBe(0);
    world.disk.held = false;
    world.time.advance(0);
    expect(world.time.pendingTimers).toBe(0);
  });
});
