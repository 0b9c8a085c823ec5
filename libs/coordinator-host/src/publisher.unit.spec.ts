import { decodeClusterTable, evolve, EMPTY_CLUSTER_STATE, storeFromPreset, type ClusterState } from '#libs/cluster';
import { BusEventBus } from './bus-event-bus.js';
import { CollectingLogger, ManualTime, RecordingBus } from './fake-ports.support.spec.js';
import { Publisher } from './publisher.js';

const SUBJECT = 'table';

const FORMED = evolve(EMPTY_CLUSTER_STATE, {
  type: 'ClusterFormed',
  clusterId: 'x1',
  clusterName: 'test',
  hashSeed: 1,
  nodes: [],
  owners: [[]],
  stores: [{ id: 0, ...storeFromPreset('general', { name: 'default' }) }],
});

function after(state: ClusterState, changes: number): ClusterState {
  let next = state;
  for (let i = 0; i < changes; i++) {
    next = evolve(next, { type: 'SettingChanged', path: 'a', value: `${i}`, requestId: '' });
  }
  return next;
}

class Bench {
  readonly time = new ManualTime();
  readonly heard: number[] = [];
  private readonly bus = new RecordingBus();
  readonly publisher = new Publisher(
    { bus: this.bus, clock: this.time, timers: this.time },
    new BusEventBus(this.bus, new CollectingLogger(), 'test'),
    SUBJECT,
  );

  constructor() {
    this.publisher.onTable(({ tableVersion }) => this.heard.push(tableVersion));
  }

  get published(): number[] {
    return this.bus.payloadsOf(SUBJECT).map((bytes) => decodeClusterTable(bytes).tableVersion);
  }
}

describe('the publisher', () => {
  it('publishes a table at once where no other is under way', () => {
    const bench = new Bench();
    for (let changes = 0; changes < 3; changes++) bench.publisher.onAgreed(after(FORMED, changes), true, false);
    expect(bench.published).toEqual([1, 2, 3]);
  });

  it('holds a table back while the next one is under way, but not for long', () => {
    const bench = new Bench();
    const { publisher, time } = bench;
    publisher.onAgreed(FORMED, true, true);
    for (let changes = 1; changes <= 3; changes++) {
      time.advance(4);
      publisher.onAgreed(after(FORMED, changes), true, true);
    }
    expect(bench.published).toEqual([1]);
    expect(bench.heard).toEqual([1, 2, 3, 4]);
    expect(publisher.table?.tableVersion).toBe(4);
    time.advance(7);
    expect(bench.published).toEqual([1]);
    time.advance(1);
    expect(bench.published).toEqual([1, 4]);
    publisher.onAgreed(after(FORMED, 4), true, true);
    publisher.onAgreed(after(FORMED, 5), true, false);
    expect(bench.published).toEqual([1, 4, 6]);
    time.advance(100);
    expect(bench.published).toEqual([1, 4, 6]);
  });

  it('publishes nothing of its own accord where it does not lead', () => {
    const bench = new Bench();
    bench.publisher.onAgreed(FORMED, false, false);
    bench.time.advance(100);
    expect(bench.published).toEqual([]);
    expect(bench.heard).toEqual([1]);
    bench.publisher.publishTable();
    expect(bench.published).toEqual([1]);
  });
});
