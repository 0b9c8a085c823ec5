import fc from 'fast-check';
import { DecodeError, hexText } from '#libs/kernel';
import type { ClusterEvent } from './cluster-event.js';
import type { TableNode, TableStore } from './cluster-table.js';
import { decodeEventBatch, encodeEventBatch, type EventBatch } from './event-batch-codec.js';
import { EVENT_FIELDS } from './event-notice.js';
import { EARLIER_ROWS, EVENT_ROWS } from './event-fields.js';
import { storeFromPreset } from './store-definition.js';

const NODE: TableNode = {
  nodeId: 'c1',
  role: 'coordinator',
  incarnation: 2 ** 53 - 1,
  softwareVersion: '0.1.0',
  endpoints: { host: '10.0.0.1', respPort: 0, httpPort: 0, adminPort: 6380 },
  zone: 'a',
  weight: 1,
  status: 'up',
  raftId: 0xffffffff,
};
const { raftId: _, ...PLAIN } = NODE;
const STORAGE: TableNode = { ...PLAIN, nodeId: 's1', role: 'storage-node', weight: 2 };
const STORE: TableStore = {
  id: 7,
  ...storeFromPreset('session', { name: 'carts.eu', ttlPrefixes: [{ prefix: 'ünï:', ttlMs: 5 }] }),
};
const MOVE = { partition: 3, source: 's1', target: 's2' };

const EVENTS: readonly ClusterEvent[] = [
  {
    type: 'ClusterFormed',
    clusterId: 'x1',
    clusterName: 'test',
    hashSeed: 0xfffffffe,
    nodes: [NODE, STORAGE],
    owners: [[1], [1]],
    stores: [STORE, { ...STORE, id: 8, name: 'other', ttlPrefixes: [] }],
  },
  { type: 'NodeJoined', node: STORAGE },
  { type: 'NodeRestarted', node: NODE },
  { type: 'NodeSuspected', nodeId: 's1' },
  { type: 'NodeDown', nodeId: 's1' },
  { type: 'NodeUp', nodeId: 's1' },
  { type: 'NodeLeft', nodeId: 's1' },
  { type: 'NodeForgotten', nodeId: 's1', requestId: 'r3' },
  { type: 'MoveStarted', ...MOVE, replaces: 's1', requestId: '' },
  { type: 'MoveStarted', ...MOVE, replaces: 's3', requestId: 'r7' },
  { type: 'MoveStarted', ...MOVE, replaces: '', requestId: '' },
  { type: 'PartitionMoved', ...MOVE },
  { type: 'MoveAborted', ...MOVE, reason: 'no memory — really' },
  { type: 'StoreDefined', store: STORE, requestId: 'r1' },
  { type: 'StoreAltered', store: STORE, requestId: '' },
  { type: 'StoreDropped', id: 7, name: 'carts.eu', requestId: 'r1' },
  { type: 'SettingChanged', path: 'logging.level', value: 'DEBUG', requestId: 'r2' },
  { type: 'SettingReset', path: 'logging.level', requestId: '' },
  { type: 'NodeChanged', nodeId: 's1', weight: 64 },
  { type: 'NodeDraining', nodeId: 's1', requestId: 'r4' },
  { type: 'NodeDrained', nodeId: 's1' },
  { type: 'NodeUndrained', nodeId: 's1', requestId: '' },
  { type: 'RebalanceRequested', requestId: 'r5' },
  { type: 'RebalanceStopped', requestId: 'r6' },
  { type: 'OwnerRemoved', partition: 3, nodeId: 's1' },
  { type: 'PrimaryChanged', partition: 3, primary: 's2', reason: 'failover', requestId: '' },
  { type: 'PrimaryChanged', partition: 3, primary: 's2', reason: 'handback', requestId: 'r8' },
  { type: 'EpochServed', partition: 3, epoch: 0xffffffff },
];
const BATCH: EventBatch = { baseEventIndex: 2 ** 40, atMs: 1_700_000_000_123, events: EVENTS };

describe('batches of events', () => {
  it('come back as they were, with every event that there is', () => {
    expect(decodeEventBatch(encodeEventBatch(BATCH))).toEqual(BATCH);
    expect(new Set(EVENTS.map(({ type }) => type))).toEqual(new Set(Object.keys(EVENT_FIELDS)));
  });

  it('give each event a code of its own', () => {
    const codes = [...Object.values(EVENT_ROWS), ...Object.values(EARLIER_ROWS)].map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('have the bytes of the release before where one owner hands its partition to another', () => {
    const events: readonly ClusterEvent[] = [
      { type: 'MoveStarted', ...MOVE, replaces: 's1', requestId: '' },
      { type: 'PartitionMoved', ...MOVE },
    ];
    const bytes = encodeEventBatch({ baseEventIndex: 7, atMs: 1_700_000_000_123, events });
    expect(hexText(bytes)).toBe('07000000000000007b68e5cf8b0100000200' + '090300027331027332000a0300027331027332');
  });

  it('refuse what is cut, too long, or of a later release', () => {
    const bytes = encodeEventBatch(BATCH);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeEventBatch(bytes.subarray(0, length))).toThrow(DecodeError);
    }
    expect(() => decodeEventBatch(new Uint8Array([...bytes, 0]))).toThrow(/1 bytes after/);
    const unknown = encodeEventBatch({ ...BATCH, events: [{ type: 'NodeDown', nodeId: 's1' }] });
    unknown[18] = 255;
    expect(() => decodeEventBatch(unknown)).toThrow(/cluster event 255: unknown/);
  });

  it('give an error, and nothing else, for bytes that anybody may have made up', () => {
    const bytes = encodeEventBatch(BATCH);
    const attempt = (hostile: Uint8Array): void => {
      try {
        decodeEventBatch(hostile);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    };
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const hostile = bytes.slice();
        hostile[at] ^= flip;
        attempt(hostile);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt));
  });
});
