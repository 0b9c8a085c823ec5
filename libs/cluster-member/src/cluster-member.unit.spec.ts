import {
  type ClusterTable,
  decodeHeartbeat,
  decodeLeave,
  decodeTableRequest,
  encodeClusterTable,
  NO_STATS,
  type ReportedState,
  type RoutingTable,
  settledPartition,
} from '#libs/cluster';
import { CollectingLogger, ManualNetwork, SeededRng } from '#libs/test-ports';
import { subjectsOf } from '#libs/wire';
import { ClusterMember } from './cluster-member.js';
import { Prober } from './prober.js';
import { drawIncarnation } from './incarnation.js';

const SUBJECTS = subjectsOf('t');

function table(tableVersion: number, clusterId = 'id-1'): ClusterTable {
  return {
    featureLevel: 1,
    clusterId,
    clusterName: 't',
    hashSeed: 1,
    tableVersion,
    partitions: [settledPartition(1, [])],
    nodes: [],
    stores: [],
    settings: [],
  };
}

function start({ answers = [] as (ClusterTable | undefined)[] } = {}) {
  const network = new ManualNetwork();
  const { time } = network;
  const logger = new CollectingLogger();
  const coordinator = network.bus();
  const requests: number[] = [];
  coordinator.subscribe(SUBJECTS.tableRequest, ({ payload, replyTo }) => {
    requests.push(decodeTableRequest(payload).tableVersion);
    const answer = answers.shift();
    if (replyTo !== undefined)
      coordinator.publish(replyTo, answer === undefined ? new Uint8Array(0) : encodeClusterTable(answer));
  });
  const seen: RoutingTable[] = [];
  const superseded: number[] = [];
  const state: { reported: ReportedState } = { reported: 'starting' };
  const bus = network.bus();
  const member = new ClusterMember(
    bus,
    { clock: time, timers: time, logger },
    {
      cluster: 't',
      nodeId: 'n1',
      role: 'storage-node',
      softwareVersion: '1.2.3',
      endpoints: { host: 'h', respPort: 1, httpPort: 2, adminPort: 3 },
      zone: 'z',
      weight: 2,
      heartbeatMs: 500,
      tableRequestMs: 300,
    },
    {
      reportedState: () => state.reported,
      stats: () => ({ ...NO_STATS, keys: 42 }),
      moves: () => [{ partition: 3, bytesCopied: 99 }],
      onTable: (routing) => seen.push(routing),
      onSuperseded: () => superseded.push(seen.length),
    },
    77,
  );
  const publish = (payload: Uint8Array): void => {
    coordinator.publish(SUBJECTS.table, payload);
    network.settle();
  };
  const heartbeats = () => network.payloadsOf(SUBJECTS.heartbeat).map((payload) => decodeHeartbeat(payload));
  member.start();
  network.settle();
  return { network, time, logger, member, bus, seen, superseded, state, publish, heartbeats, requests, coordinator };
}

describe('ClusterMember', () => {
  it('tells once that a later process has taken its node id, and not before it was counted itself', () => {
    const { publish, superseded } = start();
    const withNode = (tableVersion: number, incarnation: number): Uint8Array =>
      encodeClusterTable({
        ...table(tableVersion),
        nodes: [
          {
            nodeId: 'n1',
            role: 'storage-node',
            incarnation,
            softwareVersion: '1',
            endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
            zone: '',
            weight: 1,
            status: 'up',
          },
        ],
      });
    publish(withNode(1, 76));
    publish(withNode(2, 77));
    expect(superseded).toEqual([]);
    publish(withNode(3, 78));
    publish(withNode(4, 78));
    expect(superseded).toEqual([3]);
  });

  it('announces itself at once and at every interval', () => {
    const { heartbeats, time, state } = start();
    expect(heartbeats()).toEqual([
      {
        featureLevel: expect.any(Number),
        cluster: 't',
        nodeId: 'n1',
        role: 'storage-node',
        incarnation: 77,
        softwareVersion: '1.2.3',
        endpoints: { host: 'h', respPort: 1, httpPort: 2, adminPort: 3 },
        zone: 'z',
        weight: 2,
        tableVersion: 0,
        clusterId: '',
        state: 'starting',
        stats: { ...NO_STATS, keys: 42 },
        moves: [{ partition: 3, bytesCopied: 99 }],
        capabilities: ['probes'],
      },
    ]);
    state.reported = 'ready';
    time.advance(1499);
    expect(heartbeats()).toHaveLength(3);
    expect(heartbeats().at(-1)).toMatchObject({ state: 'ready' });
  });

  it('answers pings as the process that it announces, until it stops', () => {
    const { network, member } = start();
    const heard: boolean[] = [];
    const ping = (): void => {
      const target = { target: 'n1', incarnation: 77, timeoutMs: 100 };
      new Prober(network.bus(), 't').ping(target, (answered) => heard.push(answered));
      network.settle();
    };
    ping();
    member.stop();
    ping();
    expect(heard).toEqual([true, false]);
  });

  it('asks for the table until it has one', () => {
    const { requests, time, seen, member } = start({ answers: [undefined, undefined, table(5)] });
    expect(requests).toEqual([0]);
    expect(seen).toHaveLength(0);
    time.advance(600);
    expect(requests).toEqual([0, 0, 0]);
    expect(seen.map((routing) => routing.tableVersion)).toEqual([5]);
    expect(member.routing?.tableVersion).toBe(5);
    time.advance(3000);
    expect(requests).toHaveLength(3);
  });

  it('asks again when told of a newer table, once at a time', () => {
    const { requests, member, network } = start({ answers: [table(5), table(6)] });
    member.requestTable();
    member.requestTable();
    network.settle();
    expect(requests).toEqual([0, 5]);
    expect(member.routing?.tableVersion).toBe(6);
    member.requestTable();
    network.settle();
    expect(requests).toEqual([0, 5, 6]);
  });

  it('asks again after a request that nobody answered', () => {
    const { requests, time, network, member } = start();
    network.rule = (message) => (message.subject === SUBJECTS.tableRequest ? 'drop' : 'deliver');
    time.advance(300);
    network.rule = () => 'deliver';
    expect(requests).toEqual([0]);
    time.advance(600);
    expect(requests.length).toBeGreaterThan(1);
    expect(member.routing).toBeUndefined();
  });

  it('follows newer tables alone, and tells of the version that it has', () => {
    const { publish, seen, heartbeats, time } = start();
    for (const version of [3, 2, 3, 7, 6]) publish(encodeClusterTable(table(version)));
    expect(seen.map((routing) => routing.tableVersion)).toEqual([3, 7]);
    time.advance(500);
    expect(heartbeats().at(-1)).toMatchObject({ tableVersion: 7, clusterId: 'id-1' });
  });

  it('ignores tables of another cluster, however new', () => {
    const { publish, seen, logger, member } = start();
    publish(encodeClusterTable(table(3)));
    publish(encodeClusterTable(table(9, 'id-2')));
    expect(seen).toHaveLength(1);
    expect(member.routing?.tableVersion).toBe(3);
    expect(logger.matching(/another cluster/)).toHaveLength(1);
    publish(encodeClusterTable(table(4)));
    expect(member.routing?.tableVersion).toBe(4);
  });

  it('ignores malformed tables', () => {
    const { publish, seen, logger } = start();
    const bytes = encodeClusterTable(table(3));
    publish(bytes.slice(0, bytes.length - 3));
    publish(new Uint8Array(20).fill(0xff));
    expect(seen).toHaveLength(0);
    expect(logger.matching(/malformed/)).toHaveLength(2);
    publish(bytes);
    expect(seen).toHaveLength(1);
  });

  it('lets a defect of the host show', () => {
    const { network, publish, member } = start();
    const broken = new Error('defect');
    Object.assign(member, {
      host: {
        onTable: () => {
          throw broken;
        },
      },
    });
    expect(() => publish(encodeClusterTable(table(3)))).toThrow(broken);
    network.settle();
  });

  it('says goodbye once, and is silent afterwards', () => {
    const { network, member, publish, seen, heartbeats, time, requests } = start();
    member.stop();
    member.stop();
    network.settle();
    expect(network.payloadsOf(SUBJECTS.leave).map((payload) => decodeLeave(payload))).toEqual([
      { cluster: 't', nodeId: 'n1', incarnation: 77 },
    ]);
    const before = heartbeats().length;
    member.announce();
    member.requestTable();
    publish(encodeClusterTable(table(3)));
    time.advance(5000);
    expect(heartbeats()).toHaveLength(before);
    expect(seen).toHaveLength(0);
    expect(requests).toHaveLength(1);
    expect(time.pendingTimers).toBe(0);
  });

  it('ignores an answer that comes after it has stopped', () => {
    const { network, member, seen, coordinator } = start();
    network.rule = (message) => (message.subject.startsWith('_INBOX') ? 'keep' : 'deliver');
    member.requestTable();
    network.settle();
    member.stop();
    const [{ subject }] = network.kept;
    network.kept.length = 0;
    network.rule = () => 'deliver';
    coordinator.publish(subject, encodeClusterTable(table(3)));
    network.settle();
    expect(seen).toHaveLength(0);
  });
});

describe('drawIncarnation', () => {
  it('draws numbers from 1 to 2^53 - 1', () => {
    const rng = new SeededRng();
    for (let i = 0; i < 1000; i++) {
      const incarnation = drawIncarnation(rng);
      expect(Number.isSafeInteger(incarnation)).toBe(true);
      expect(incarnation).toBeGreaterThan(0);
    }
    expect(drawIncarnation({ nextU32: () => 0, fill: () => undefined })).toBe(1);
    expect(drawIncarnation({ nextU32: () => 0xffffffff, fill: () => undefined })).toBe(Number.MAX_SAFE_INTEGER);
  });
});
