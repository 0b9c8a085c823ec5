import { encodeEventNotice, noticeOf, type AnyEventNotice } from '#libs/cluster';
import { subjectsOf } from '#libs/wire';
import { BusEventBus } from './bus-event-bus.js';
import { CollectingLogger, RecordingBus } from './fake-ports.support.spec.js';

const SUBJECTS = subjectsOf('test');
const DOWN = noticeOf({ type: 'NodeDown', nodeId: 's1' }, 4, 1000);
const MOVED = noticeOf({ type: 'PartitionMoved', partition: 3, source: 's1', target: 's2' }, 5, 1001);

function setUp() {
  const bus = new RecordingBus();
  const logger = new CollectingLogger();
  const events = new BusEventBus(bus, logger, 'test');
  const deliver = (notice: AnyEventNotice): number =>
    bus.deliver(SUBJECTS.clusterEvent(notice.name), encodeEventNotice(notice));
  return { bus, logger, events, deliver };
}

describe('the event bus', () => {
  it('publishes under the event’s name, and counts what the bus took and did not take', () => {
    const { bus, events } = setUp();
    events.publish(DOWN);
    bus.setStatus('disconnected');
    events.publish(MOVED);
    expect(bus.published.map(({ subject }) => subject)).toEqual(['hc.test.v1.ev.NodeDown']);
    expect(events.counters.published.get('NodeDown')).toBe(1);
    expect(events.counters.dropped).toBe(1);
  });

  it('gives subscribers the events that they asked for, typed, until they end it', () => {
    const { events, deliver } = setUp();
    const partitions: string[] = [];
    const names: string[] = [];
    const end = events.subscribe('PartitionMoved', ({ fields }) => partitions.push(fields.partition));
    events.subscribeAll(({ name }) => names.push(name));
    deliver(DOWN);
    deliver(MOVED);
    end();
    deliver(MOVED);
    expect(partitions).toEqual(['3']);
    expect(names).toEqual(['NodeDown', 'PartitionMoved', 'PartitionMoved']);
    expect(events.counters.received.get('PartitionMoved')).toBe(3);
  });

  it('survives messages that are no events, and handlers that throw', () => {
    const { bus, events, deliver, logger } = setUp();
    events.subscribeAll(() => {
      throw new Error('handler');
    });
    bus.deliver(SUBJECTS.clusterEvent('NodeDown'), Uint8Array.of(255, 255));
    deliver({ ...DOWN, name: 'NodeSang' } as unknown as AnyEventNotice);
    deliver(DOWN);
    expect(events.counters).toMatchObject({ malformed: 1, unknown: 1, failed: 1 });
    expect(logger.matching(/handler of NodeDown failed/)).toBe(1);
  });
});
