import fc from 'fast-check';
import { noticeOf, type AnyEventNotice } from '#libs/cluster';
import { ByteReader, ByteWriter, DecodeError } from '#libs/kernel';
import { EventHistory } from './event-history.js';

const notice = (index: number, nodeId = 's1'): AnyEventNotice =>
  noticeOf({ type: 'NodeDown', nodeId }, index, 1000 + index);
const ROOMY = { maxEvents: 1000, maxBytes: 1024 * 1024 };

function copyOf(history: EventHistory, bounds = ROOMY): EventHistory {
  const writer = new ByteWriter();
  history.write(writer);
  const copy = new EventHistory(bounds);
  copy.read(new ByteReader(writer.toBytes()));
  return copy;
}

describe('the history of events', () => {
  it('keeps the last ones, as a list does, and answers from any index, through snapshots too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 40 }),
        fc.nat(50),
        fc.integer({ min: 1, max: 12 }),
        (maxEvents, count, since, limit) => {
          const history = new EventHistory({ ...ROOMY, maxEvents });
          const all: AnyEventNotice[] = [];
          for (let index = 1; index <= count; index++) {
            history.add(notice(index));
            all.push(notice(index));
          }
          const kept = all.slice(-maxEvents);
          const expected =
            since === 0 ? kept.slice(-limit) : kept.filter(({ index }) => index >= since).slice(0, limit);
          for (const each of [history, copyOf(history, { ...ROOMY, maxEvents })]) {
            expect([each.count, each.firstIndex, each.lastIndex]).toEqual([
              kept.length,
              kept[0]?.index ?? 0,
              kept.at(-1)?.index ?? 0,
            ]);
            expect(each.from(since, limit)).toEqual(expected);
          }
        },
      ),
    );
  });

  it('is bounded in bytes too, and keeps the newest event however long it is', () => {
    const history = new EventHistory({ maxEvents: 1000, maxBytes: 200 });
    for (let index = 1; index <= 50; index++) history.add(notice(index));
    expect(history.count).toBeLessThan(10);
    expect(history.lastIndex).toBe(50);
    const tight = new EventHistory({ maxEvents: 1000, maxBytes: 1 });
    tight.add(notice(1));
    tight.add(notice(2));
    expect(tight.from(0, 10)).toEqual([notice(2)]);
  });

  it('refuses bytes that are cut, out of order or too many', () => {
    const history = new EventHistory(ROOMY);
    for (let index = 1; index <= 3; index++) history.add(notice(index));
    const writer = new ByteWriter();
    history.write(writer);
    const bytes = writer.toBytes();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => new EventHistory(ROOMY).read(new ByteReader(bytes.subarray(0, length)))).toThrow(DecodeError);
    }
    const swapped = bytes.slice();
    swapped[4] = 9;
    expect(() => new EventHistory(ROOMY).read(new ByteReader(swapped))).toThrow(/event 2 is out of order/);
    expect(() => new EventHistory({ ...ROOMY, maxEvents: 2 }).read(new ByteReader(bytes))).toThrow(
      /3 events: too many/,
    );
  });
});
