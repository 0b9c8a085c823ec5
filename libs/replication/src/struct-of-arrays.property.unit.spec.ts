import fc from 'fast-check';
import { concatBytes } from '#libs/kernel';
import { BatchQueue } from './batch-queue.js';
import { REPLICATION_BOUNDS } from './bounds.js';
import { FrameWindow } from './frame-window.js';
import { GroupLists } from './group-lists.js';
import { RecordRanges } from './record-ranges.js';
import { encode, PARTITIONS, positionsIn, type TestRecord } from './records.support.spec.js';
import { RecordRuns } from './record-runs.js';
import { Refusals } from './refusals.js';
import { REFUSAL_REASONS } from './acknowledgement.js';

describe('GroupLists', () => {
  const STEP = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('note' as const), fc.nat(7), fc.nat(99)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('close' as const), fc.constant(0), fc.constant(0)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('shift' as const), fc.constant(0), fc.constant(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('many' as const), fc.nat(300), fc.constant(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('clear' as const), fc.constant(0), fc.constant(0)) },
  );

  it('is a queue of maps', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
        const lists = new GroupLists(400);
        let model: Map<number, number>[] = [];
        let open = new Map<number, number>();
        const note = (group: number, number: number): void => {
          lists.note(group, number);
          open.set(group, number);
        };
        const close = (): void => {
          lists.close();
          model.push(open);
          open = new Map();
        };
        for (const [step, a, b] of steps) {
          if (step === 'note') {
            expect(lists.isNoted(a)).toBe(open.has(a));
            note(a, b);
          }
          if (step === 'close') close();
          else if (step === 'many') {
            for (let list = 0; list < 8; list++, close()) for (let group = 0; group < a; group++) note(group, list);
          } else if (step === 'clear') {
            lists.clear();
            model = [];
            open = new Map();
          } else if (model.length > 0) {
            const oldest = Array.from({ length: lists.oldestLength }, (_, i) => [
              lists.oldestGroup(i),
              lists.oldestNumber(i),
            ]);
            expect(oldest).toEqual([...(model.shift() as Map<number, number>)]);
            lists.shift();
          }
          expect([lists.lists, lists.openLength]).toEqual([model.length, open.size]);
          expect(lists.entries).toBe(model.reduce((sum, { size }) => sum + size, open.size));
        }
      }),
    );
  });
});

describe('FrameWindow', () => {
  const BOUNDS = { ...REPLICATION_BOUNDS, windowBytes: 3_000, flightBytes: 500, maxWindowFrames: 200 };
  const STEP = fc.tuple(fc.constantFrom('push', 'push', 'push', 'send', 'receive', 'shift', 'rewind'), fc.nat(200));

  it('keeps frames until they are dropped, sends each in order, and counts', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 300 }), (steps) => {
        const window = new FrameWindow(8, BOUNDS);
        const frames: Uint8Array[] = [];
        const sum = (from: number, to: number): number =>
          frames.slice(from - 1, to).reduce((bytes, { length }) => bytes + length, 0);
        let [first, received, nextSent] = [1, 0, 1];
        for (const [step, a] of steps) {
          const next = frames.length + 1;
          if (step === 'push' && window.fits(a + 1)) {
            frames.push(new Uint8Array(a + 1));
            window.push(frames[frames.length - 1], frames.length, a % 2 === 0);
          } else if (step === 'send') {
            const isReady = nextSent < next && sum(received + 1, nextSent - 1) < BOUNDS.flightBytes;
            expect(window.takeUnsent()).toBe(isReady ? frames[nextSent - 1] : undefined);
            if (isReady) nextSent++;
          } else if (step === 'receive') {
            received = Math.max(received, Math.min(a, next - 1));
            window.onReceived(received);
            nextSent = Math.max(nextSent, received + 1);
          } else if (step === 'shift' && first <= received) {
            expect(window.oldestSentAtMs).toBe(first++);
            window.shift();
          } else if (step === 'rewind') {
            window.rewind();
            nextSent = received + 1;
          }
          expect([window.first, window.next, window.nextSent, window.received]).toEqual([
            first,
            frames.length + 1,
            nextSent,
            received,
          ]);
          expect([window.bytes, window.flightBytes]).toEqual([
            sum(first, frames.length),
            sum(received + 1, nextSent - 1),
          ]);
        }
        const catchUp = frames.slice(first - 1).filter(({ length }) => length % 2 === 1);
        expect(window.catchUpBytes).toBe(catchUp.reduce((bytes, { length }) => bytes + length, 0));
        window.clear();
        expect([window.first, window.count, window.bytes, window.takeUnsent()]).toEqual([1, 0, 0, undefined]);
      }),
    );
  });
});

describe('RecordRanges', () => {
  it('copies what was added, one behind the other', () => {
    const parts = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 90 })), { maxLength: 200 });
    fc.assert(
      fc.property(parts, fc.nat(9), (gaps, targetOffset) => {
        const source = new Uint8Array(20_000).map((_, i) => i % 251);
        const ranges = new RecordRanges();
        const expected: Uint8Array[] = [];
        let at = 0;
        for (const [gap, length] of gaps) {
          at += gap;
          ranges.add(at, at + length);
          expected.push(source.subarray(at, at + length));
          at += length;
        }
        const target = new Uint8Array(targetOffset + ranges.bytes);
        ranges.copy(source, target, new DataView(target.buffer), targetOffset);
        expect(target.slice(targetOffset)).toEqual(concatBytes(expected));
        expect(ranges.count).toBe(gaps.filter(([gap], i) => i === 0 || gap > 0).length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('RecordRuns', () => {
  const RECORD: fc.Arbitrary<TestRecord> = fc.record({
    group: fc.constantFrom(2, 2, 2, 10),
    epoch: fc.constantFrom(1, 1, 1, 2),
    sequence: fc.constantFrom(1, 2, 3, 4),
    bytes: fc.constantFrom(1, 1, 1, 300_000),
  });

  it('are the records again, each run of one group and epoch and without a gap', () => {
    const batches = fc.array(fc.array(RECORD, { maxLength: 10 }), { maxLength: 18 });
    fc.assert(
      fc.property(batches, (all) => {
        const parts = all.map(encode);
        const bytes = concatBytes(parts);
        const runs = new RecordRuns(PARTITIONS);
        runs.begin(bytes);
        let at = 0;
        for (const [batch, { length }] of parts.entries()) {
          runs.addBatch(at, length, batch, batch + 1);
          at += length;
        }
        for (const [batch, records] of all.entries()) {
          expect([runs.wallMs[batch], runs.logicals[batch]]).toEqual([batch, batch + 1]);
          const found: string[] = [];
          for (let run = runs.firstRuns[batch]; run < runs.endOf(batch); run++) {
            const [offset, end] = [runs.offsets[run], runs.ends[run]];
            const inside = positionsIn(bytes, offset, end - offset);
            const [first, last] = [runs.firsts[run], runs.lasts[run]];
            expect(inside).toEqual(
              Array.from(
                { length: last - first + 1 },
                (_, i) => `${runs.groups[run]}:${runs.epochs[run]}/${first + i}`,
              ),
            );
            expect(end - offset <= REPLICATION_BOUNDS.frameRecordBytes || first === last).toBe(true);
            expect(positionsIn(bytes, runs.offsetOf(run, last), end - runs.offsetOf(run, last))).toEqual(
              inside.slice(-1),
            );
            found.push(...inside);
          }
          expect(found).toEqual(records.map(({ group, epoch, sequence }) => `${group}:${epoch}/${sequence}`));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('keep what is not replicated apart', () => {
    const runs = new RecordRuns(PARTITIONS);
    const bytes = encode([{ group: 2, epoch: 1, sequence: 4 }]);
    const local = bytes.slice();
    local[7] = 0;
    const both = concatBytes([bytes, local, local]);
    runs.begin(both);
    runs.addBatch(0, both.length, 1, 1);
    expect([...runs.groups.subarray(0, runs.count)]).toEqual([2, -1]);
  });
});

describe('BatchQueue', () => {
  it('hands out whole batches in order, as many as fit', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 40 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const queue = new BatchQueue();
        lengths.forEach((length, i) => queue.add(new Uint8Array(length), 0, length, i, 0, i + 1));
        expect(queue.last).toBe(lengths.length);
        const { bytes } = queue;
        const pieces: number[] = [];
        let last = 0;
        queue.drain(100, (_bytes, offset, length, upTo) => {
          expect(offset).toBe(pieces.reduce((sum, piece) => sum + piece, 0));
          expect(length <= 100 || upTo === last + 1).toBe(true);
          expect(upTo).toBeGreaterThan(last);
          last = upTo;
          pieces.push(length);
        });
        expect([last, pieces.reduce((sum, piece) => sum + piece, 0), queue.bytes]).toEqual([lengths.length, bytes, 0]);
      }),
    );
  });
});

describe('Refusals', () => {
  it('stay in order of frames, and go once they are known', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 })),
        fc.nat(20),
        fc.nat(20),
        fc.integer({ min: 1, max: 4 }),
        (frames, known, upTo, max) => {
          const refusals = new Refusals();
          const last = { epoch: 0, sequence: 0 };
          for (const frame of frames)
            refusals.add({ frame, group: frame, reason: REFUSAL_REASONS.gap, sealedEpoch: 0, last });
          refusals.forgetUpTo(known);
          const left = frames.filter((frame) => frame > known).sort((a, b) => a - b);
          const reach = refusals.reach(upTo, max);
          expect(refusals.upTo(upTo).map(({ frame }) => frame)).toEqual(left.filter((frame) => frame <= upTo));
          expect(refusals.count).toBe(left.length);
          expect(reach).toBe(left.length <= max ? upTo : Math.min(upTo, left[max] - 1));
        },
      ),
    );
  });
});
