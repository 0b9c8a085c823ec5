import fc from 'fast-check';
import { storeFromPreset, type ClusterEvent, type TableNode } from '#libs/cluster';
import { DecodeError } from '#libs/kernel';
import { COMMAND_VERSION, decodeCommand, encodeCommand } from './commands.js';
import { ReplicatedState } from './replicated-state.js';

const NODE: TableNode = {
  nodeId: 's1',
  role: 'storage-node',
  incarnation: 1,
  softwareVersion: '1',
  endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight: 1,
  status: 'up',
};
const FORMED: ClusterEvent = {
  type: 'ClusterFormed',
  clusterId: 'x1',
  clusterName: 'test',
  hashSeed: 1,
  nodes: [NODE, { ...NODE, nodeId: 'c2', role: 'coordinator', raftId: 22 }],
  owners: [[0]],
  stores: [{ id: 0, ...storeFromPreset('general', { name: 'default' }) }],
};

function apply(state: ReplicatedState, baseEventIndex: number, ...events: ClusterEvent[]): void {
  state.apply(encodeCommand({ type: 'events', batch: { baseEventIndex, atMs: 5, events } }), COMMAND_VERSION);
}

function enrol(state: ReplicatedState, nodeId: string, raftId: number): void {
  state.apply(encodeCommand({ type: 'enrol', nodeId, raftId }), COMMAND_VERSION);
}

function filled(): ReplicatedState {
  const state = new ReplicatedState();
  enrol(state, 'c1', 11);
  enrol(state, 'c2', 22);
  apply(state, 0, FORMED);
  apply(state, 1, { type: 'NodeSuspected', nodeId: 's1' }, { type: 'NodeDown', nodeId: 's1' });
  return state;
}

describe('the replicated state', () => {
  it('applies batches that follow on each other, and leaves others out', () => {
    const state = filled();
    expect(state.cluster.eventIndex).toBe(3);
    apply(state, 2, { type: 'NodeUp', nodeId: 's1' });
    apply(state, 9, { type: 'NodeUp', nodeId: 's1' });
    expect(state.strayBatches).toBe(2);
    expect(state.cluster.table?.nodes[0].status).toBe('down');
    expect(state.history.from(1, 10).map(({ index, atMs, name }) => [index, atMs, name])).toEqual([
      [1, 5, 'ClusterFormed'],
      [2, 5, 'NodeSuspected'],
      [3, 5, 'NodeDown'],
    ]);
  });

  it('gives a name to the first that asks, until its coordinator is forgotten', () => {
    const state = filled();
    enrol(state, 'c2', 99);
    expect([...state.coordinators]).toEqual([
      ['c1', 11],
      ['c2', 22],
    ]);
    apply(state, 3, { type: 'NodeForgotten', nodeId: 'c2', requestId: '' });
    enrol(state, 'c2', 99);
    expect(state.coordinators.get('c2')).toBe(99);
  });

  it('is the same after a snapshot, and empty after none', () => {
    const state = filled();
    const copy = new ReplicatedState();
    copy.restore(state.snapshot());
    expect(copy.cluster).toEqual(state.cluster);
    expect(copy.coordinators).toEqual(state.coordinators);
    expect(copy.history.from(1, 10)).toEqual(state.history.from(1, 10));
    copy.restore(new Uint8Array(0));
    expect(copy.snapshot()).toEqual(new ReplicatedState().snapshot());
  });

  it('refuses damaged snapshots and commands with an error, and keeps what it had', () => {
    const state = filled();
    const bytes = state.snapshot();
    const before = state.cluster;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, value, isCut) => {
        const damaged = isCut ? bytes.subarray(0, at) : bytes.with(at, value);
        try {
          if (damaged.length > 0) new ReplicatedState().restore(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
    expect(() => state.restore(bytes.subarray(1))).toThrow(DecodeError);
    expect(state.cluster).toBe(before);
    for (const [command, message] of [
      [[], 'truncated'],
      [[9], 'kind 9: unknown'],
      [[2, 0, 0, 0, 0, 1, 97], 'Raft id 0'],
      [[2, 1, 0, 0, 0, 1, 46], 'not a token'],
      [[2, 1, 0, 0, 0, 1, 97, 0], '1 bytes after'],
    ] as const) {
      expect(() => decodeCommand(Uint8Array.from(command), COMMAND_VERSION)).toThrow(message);
    }
    expect(() => decodeCommand(Uint8Array.of(1), COMMAND_VERSION + 1)).toThrow(/version 2; this release reads 1/);
  });
});
