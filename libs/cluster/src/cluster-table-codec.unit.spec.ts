import fc from 'fast-check';
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { DecodeError, hexText } from '#libs/kernel';
import { decodeClusterTable, decodeTableReply, encodeClusterTable } from './cluster-table-codec.js';
import { settledPartition, type ClusterTable, type TableNode } from './cluster-table.js';
import { ClusterTableSchema } from './generated/hypercache/control/v1/cluster_table_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { storeFromPreset } from './store-definition.js';

const node = (nodeId: string, role: TableNode['role'] = 'storage-node'): TableNode => ({
  nodeId,
  role,
  incarnation: 2 ** 53 - 1,
  softwareVersion: '0.1.0',
  endpoints: { host: 'host-1.example', respPort: 6379, httpPort: 8080, adminPort: 6380 },
  zone: 'a',
  weight: 2,
  status: 'up',
});

const TABLE: ClusterTable = {
  featureLevel: 1,
  clusterId: 'c1d2',
  clusterName: 'hypercache',
  hashSeed: 0xffffffff,
  tableVersion: 17,
  nodes: [node('s1'), node('g1', 'gateway'), { ...node('s2'), status: 'suspect' }, { ...node('s3'), replicates: true }],
  partitions: [
    { ...settledPartition(1, [0]), movingTo: 2, movingFrom: 0, moveId: 16 },
    { ...settledPartition(0xffffffff, [2, 0]), primary: 0 },
    settledPartition(3, []),
    { ...settledPartition(3, [0, 3]), outgoing: [0, 2] },
    { ...settledPartition(4, [0, 2]), primary: 2, movingTo: 3, movingFrom: 0, moveId: 9 },
    { ...settledPartition(5, [0, 2]), primary: 2, movingTo: 3, movingFrom: 2, moveId: 10 },
    { ...settledPartition(6, [0]), movingTo: 3, moveId: 11 },
    settledPartition(7, [0]),
  ],
  stores: [
    { id: 0, ...storeFromPreset('general', { name: 'default', memoryLimitBytes: 1e12, defaultTtlMs: 5 }) },
    {
      id: 65_535,
      ...storeFromPreset('session', {
        name: 'shop.sessions_1-a',
        replicas: 3,
        ttlPrefixes: [
          { prefix: 'cart:', ttlMs: 60_000 },
          { prefix: 'größe:', ttlMs: 0 },
        ],
        filter: { enabled: true, falsePositiveRate: 0.0001, nearStalenessMs: 500 },
      }),
    },
  ],
  settings: [{ path: 'logging.level', value: 'DEBUG' }],
};

/** Written by a release that knew one owner per partition. */
const BYTES_OF_RELEASE_BEFORE =
  '080110011a016322016e2d010000003009380442130a0161100218052201312a030a01683801400142130a0162100218052201312a030a0168' +
  '380140014a090804120101180120084a0508011201004a0508021201004a0208035227120764656661756c741a0767656e6572616c32057369' +
  '6576653a03616c6c597b14ae47e17a843f';

type Message = MessageInitShape<typeof ClusterTableSchema>;

const message = (change: Message): Uint8Array =>
  toBinary(
    ClusterTableSchema,
    create(ClusterTableSchema, {
      formatVersion: 1,
      featureLevel: 1,
      clusterId: 'c',
      clusterName: 'n',
      tableVersion: 1n,
      partitionCount: 1,
      nodes: [{ nodeId: 'a', role: 2, incarnation: 1n, endpoints: {}, weight: 1, status: 1 }],
      partitions: [{ epoch: 1, owners: [0] }],
      ...change,
    } as Message),
  );

describe('the cluster table as bytes', () => {
  it('comes back as it was', () => {
    expect(decodeClusterTable(encodeClusterTable(TABLE))).toEqual(TABLE);
  });

  it('reads the plain message that the refusals below are variations of', () => {
    expect(decodeClusterTable(message({})).partitions).toEqual([settledPartition(1, [0])]);
  });

  it('has the bytes of the release before as long as each partition has one owner', () => {
    const plain = (nodeId: string): TableNode => ({
      ...node(nodeId),
      incarnation: 5,
      softwareVersion: '1',
      endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
      zone: '',
      weight: 1,
    });
    const table: ClusterTable = {
      ...TABLE,
      clusterId: 'c',
      clusterName: 'n',
      hashSeed: 1,
      tableVersion: 9,
      nodes: [plain('a'), plain('b')],
      partitions: [
        { ...settledPartition(4, [1]), movingTo: 0, movingFrom: 1, moveId: 8 },
        settledPartition(1, [0]),
        settledPartition(2, [0]),
        settledPartition(3, []),
      ],
      stores: [{ id: 0, ...storeFromPreset('general', { name: 'default' }) }],
      settings: [],
    };
    const bytes = encodeClusterTable(table);
    expect(hexText(bytes)).toBe(BYTES_OF_RELEASE_BEFORE);
    expect(decodeClusterTable(bytes)).toEqual(table);
  });

  it('has bytes that stay for owners, primary, outgoing owners and places that are taken', () => {
    const partitions = [
      { ...settledPartition(4, [0, 2]), primary: 2, outgoing: [0, 3] },
      { ...settledPartition(4, [0, 2]), primary: 2, movingTo: 3, movingFrom: 0, moveId: 9 },
      { ...settledPartition(4, [0, 2]), movingTo: 3, moveId: 9 },
      { ...settledPartition(4, [0, 2]), movingTo: 3, movingFrom: 0, moveId: 9 },
    ];
    const hex = hexText(encodeClusterTable({ ...TABLE, partitions }));
    expect(hex).toContain('4a0c' + '0804' + '12020002' + '2803' + '32020003');
    expect(hex).toContain('4a0e' + '0804' + '12020002' + '1804' + '2009' + '2803' + '3801');
    expect(hex).toContain('4a0c' + '0804' + '12020002' + '1804' + '2009' + '3800');
    expect(hex).toContain('4a0a' + '0804' + '12020002' + '1804' + '2009' + '52');
  });

  const a = { nodeId: 'a', role: 2, incarnation: 1n, endpoints: {}, weight: 1, status: 1 };
  const b = { ...a, nodeId: 'b' };
  const x = {
    id: 1,
    name: 'x',
    type: 'general',
    policy: 'sieve',
    evictionScope: 'all',
    filterFalsePositiveRate: 0.01,
  };
  const refusals: [string, Message][] = [
    ['a format from the future', { formatVersion: 9 }],
    ['no format at all', { formatVersion: 0 }],
    ['no cluster id', { clusterId: '' }],
    ['a cluster name that is no token', { clusterName: 'a.b' }],
    ['table version 0', { tableVersion: 0n }],
    ['a table version beyond 53 bits', { tableVersion: 1n << 60n }],
    ['a partition count of 0', { partitionCount: 0, partitions: [] }],
    ['a partition count that is no power of two', { partitionCount: 3 }],
    ['a partition count above 16384', { partitionCount: 32768 }],
    ['fewer partitions than announced', { partitionCount: 2 }],
    ['an owner that is no node', { partitions: [{ owners: [1] }] }],
    ['an owner that occurs twice', { partitions: [{ owners: [0, 0] }] }],
    ['a primary that is none of the owners', { nodes: [a, b], partitions: [{ owners: [0], primary: 2 }] }],
    ['a primary where there are no owners', { partitions: [{ owners: [], primary: 1 }] }],
    ['an outgoing owner that is no node', { partitions: [{ owners: [0], outgoing: [7] }] }],
    ['an outgoing owner that occurs twice', { partitions: [{ owners: [0], outgoing: [0, 0] }] }],
    [
      'a move into a place that nobody has',
      { nodes: [a, b], partitions: [{ owners: [0], movingTo: 2, moveId: 1n, movingFrom: 2 }] },
    ],
    ['too many owners', { partitions: [{ owners: new Array(9).fill(0) as number[] }] }],
    ['a move to no node', { partitions: [{ owners: [0], movingTo: 2, moveId: 1n }] }],
    ['a move to the owner', { partitions: [{ owners: [0], movingTo: 1, moveId: 1n }] }],
    ['a move from nobody', { partitions: [{ owners: [], movingTo: 1, moveId: 1n }] }],
    ['a move without an id', { nodes: [a, { ...a, nodeId: 'b' }], partitions: [{ owners: [0], movingTo: 2 }] }],
    ['an id without a move', { partitions: [{ owners: [0], moveId: 3n }] }],
    ['a store of an unknown type', { stores: [{ ...x, type: 't' }] }],
    ['a store of an unknown policy', { stores: [{ ...x, policy: 'fifo' }] }],
    ['a store name with a space', { stores: [{ ...x, name: 'a b' }] }],
    ['a store id of more than 16 bits', { stores: [{ ...x, id: 65_536 }] }],
    ['a store with more replicas than there may be', { stores: [{ ...x, replicas: 9 }] }],
    ['a filter that may always be wrong', { stores: [{ ...x, filterFalsePositiveRate: 1 }] }],
    ['a TTL prefix of no store', { stores: [x], ttlPrefixes: [{ storeId: 2, prefix: 'a', ttlMs: 1n }] }],
    ['an empty TTL prefix', { stores: [x], ttlPrefixes: [{ storeId: 1, prefix: '', ttlMs: 1n }] }],
    [
      'too many TTL prefixes of one store',
      { stores: [x], ttlPrefixes: Array.from({ length: 33 }, (_, i) => ({ storeId: 1, prefix: `p${i}` })) },
    ],
    [
      'a setting that occurs twice',
      {
        settings: [
          { path: 'a.b', value: '1' },
          { path: 'a.b', value: '2' },
        ],
      },
    ],
    ['a setting with a path of several lines', { settings: [{ path: 'a\nb', value: '1' }] }],
    ['a setting with a long value', { settings: [{ path: 'a', value: 'x'.repeat(257) }] }],
    ['a gateway as owner', { nodes: [{ ...a, role: 1 }] }],
    ['an unknown role', { nodes: [{ ...a, role: 7 }] }],
    ['an unspecified status', { nodes: [{ ...a, status: 0 }] }],
    ['incarnation 0', { nodes: [{ ...a, incarnation: 0n }] }],
    ['weight 0', { nodes: [{ ...a, weight: 0 }] }],
    ['a huge weight', { nodes: [{ ...a, weight: 100_000 }] }],
    ['a missing endpoint', { nodes: [{ nodeId: 'a', role: 2, incarnation: 1n, weight: 1, status: 1 }] }],
    ['a port beyond 65535', { nodes: [{ ...a, endpoints: { respPort: 65536 } }] }],
    ['a host with a line break', { nodes: [{ ...a, endpoints: { host: 'a\nb' } }] }],
    ['two nodes with one id', { nodes: [a, a] }],
    [
      'two stores with one name',
      {
        stores: [x, { ...x, id: 2 }],
      },
    ],
    [
      'two stores with one id',
      {
        stores: [x, { ...x, name: 'y' }],
      },
    ],
  ];
  it.each(refusals)('refuses %s', (_name, change) => {
    expect(() => decodeClusterTable(message(change))).toThrow(DecodeError);
  });

  it('reads stores of releases that knew no policies as their type is preset', () => {
    const stores = [
      { id: 0, name: 'default', type: 'general', memoryLimitBytes: 1024n },
      { id: 40_000, name: 'list', type: 'session', memoryLimitBytes: 4096n, defaultTtlMs: 7n },
    ];
    expect(decodeClusterTable(message({ stores })).stores).toEqual([
      { id: 0, ...storeFromPreset('general', { name: 'default', memoryLimitBytes: 1024 }) },
      { id: 40_000, ...storeFromPreset('session', { name: 'list', memoryLimitBytes: 4096, defaultTtlMs: 7 }) },
    ]);
  });

  it('refuses more nodes than its limit before it builds them', () => {
    const empty = new Uint8Array((CLUSTER_LIMITS.maxNodes + 1) * 2);
    for (let i = 0; i < empty.length; i += 2) empty[i] = (8 << 3) | 2;
    expect(() => decodeClusterTable(empty)).toThrow('too many elements of field 8');
  });

  it('refuses more bytes than its limit', () => {
    expect(() => decodeClusterTable(new Uint8Array(CLUSTER_LIMITS.maxTableBytes + 1))).toThrow(/at most/);
  });

  it('answers any bytes with a table or a DecodeError', () => {
    const valid = encodeClusterTable(TABLE);
    const damaged = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const bytes = valid.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    const cut = fc.nat(valid.length - 1).map((length) => valid.slice(0, length));
    fc.assert(
      fc.property(fc.oneof(damaged, cut, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          const table = decodeClusterTable(bytes);
          expect(decodeClusterTable(encodeClusterTable(table))).toEqual(table);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads an empty answer to a table request as "no cluster yet"', () => {
    expect(decodeTableReply(new Uint8Array(0))).toBeUndefined();
    expect(decodeTableReply(encodeClusterTable(TABLE))).toEqual(TABLE);
  });
});
