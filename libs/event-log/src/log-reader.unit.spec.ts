import { EventLogError, type LogReader } from './index.js';
import { LogRig, numbersIn, range, segmentPath } from './log-rig.support.spec.js';

class Reading {
  readonly numbers: number[] = [];
  readonly gaps: number[] = [];
  readonly pieces: number[] = [];
  error: EventLogError | undefined;

  constructor(
    readonly rig: LogRig,
    readonly reader: LogReader,
  ) {}

  /** Reads until there is no more. */
  toEnd(): this {
    for (let isAtEnd = false; !isAtEnd && this.error === undefined;) isAtEnd = this.piece();
    return this;
  }

  piece(): boolean {
    const before = this.numbers.length;
    const answers: boolean[] = [];
    const visitor = {
      onLogRecords: (buffer: Uint8Array, offset: number, length: number): void => {
        this.numbers.push(...numbersIn(buffer, offset, length));
      },
      onGap: (segment: number): void => void this.gaps.push(segment),
    };
    this.reader.read(visitor, (error, isAtEnd) => {
      this.error = error;
      answers.push(isAtEnd);
    });
    this.rig.settle();
    expect(answers).toHaveLength(1);
    this.pieces.push(this.numbers.length - before);
    return answers[0];
  }
}

function opened(options: ConstructorParameters<typeof LogRig>[0] = {}): LogRig {
  const rig = new LogRig({ segmentBytes: 300, ...options });
  rig.open();
  return rig;
}

const reading = (rig: LogRig, from = 1): Reading => new Reading(rig, rig.log.reader(from)!);

describe('a reader', () => {
  it('reads from a segment to what has been written, and on from there', () => {
    const rig = opened();
    const first = reading(rig).toEnd();
    expect(first.numbers).toEqual([]);
    rig.appendEach(range(1, 10));
    expect(first.toEnd().numbers).toEqual(range(1, 10));
    rig.appendEach(range(11, 12));
    expect(first.toEnd().numbers).toEqual(range(1, 12));
    expect(first.reader.position).toEqual(rig.log.end);
    const second = reading(rig, 2).toEnd();
    expect(second.numbers).toEqual(range(second.numbers[0], 12));
    expect(second.numbers.length).toBeLessThan(12);
  });

  it('begins behind a restart too, also at the segment that is to come', () => {
    const rig = opened();
    rig.appendEach(range(1, 3));
    rig.reopen();
    rig.appendEach([4]);
    expect(reading(rig).toEnd().numbers).toEqual(range(1, 4));
    rig.reopen();
    const next = reading(rig, rig.log.end.segment + 1);
    expect(next.toEnd().numbers).toEqual([]);
    rig.appendEach([5]);
    expect(next.toEnd().numbers).toEqual([5]);
  });

  it('gives pieces of bounded length, and a batch that is longer as a whole', () => {
    const rig = opened({ segmentBytes: 50_000_000 });
    for (const number of range(1, 40)) rig.append([number], 100_000);
    rig.append([41], 3_000_000);
    rig.append([42]);
    rig.settle();
    const all = reading(rig).toEnd();
    expect(all.numbers).toEqual(range(1, 42));
    expect(Math.max(...all.pieces)).toBeLessThanOrEqual(11);
  });

  it('keeps its segment, and those behind it, until it has read them or is closed', () => {
    const rig = opened();
    rig.appendEach(range(1, 20));
    const slow = reading(rig);
    slow.piece();
    rig.checkpoint(range(1, 20), 20);
    expect(rig.log.firstSegment).toBe(1);
    slow.toEnd();
    rig.settle();
    expect(slow.numbers).toEqual(range(1, 20));
    expect(rig.log.firstSegment).toBe(rig.log.end.segment);
    expect(rig.log.reader(1)).toBeUndefined();
    expect(rig.log.reader(99)).toBeUndefined();
    const other = reading(rig, rig.log.firstSegment);
    rig.appendEach(range(21, 40));
    rig.checkpoint(range(1, 40), 40);
    expect(rig.log.firstSegment).toBeLessThan(rig.log.end.segment);
    other.reader.close();
    other.reader.close();
    slow.reader.close();
    rig.settle();
    expect(rig.log.firstSegment).toBe(rig.log.checkpoint.firstSegment);
  });

  it('finishes what is under way when it is closed', () => {
    const rig = opened();
    rig.appendEach(range(1, 3));
    const { reader } = reading(rig);
    let answers = 0;
    const visitor = { onLogRecords: () => undefined, onGap: () => undefined };
    reader.read(visitor, () => answers++);
    expect(() => reader.read(visitor, () => undefined)).toThrow('one piece at a time');
    reader.close();
    rig.settle();
    expect(answers).toBe(1);
    expect(() => rig.log.unpin(1)).toThrow('not pinned');
  });

  it('says where something is missing', () => {
    const rig = opened();
    rig.appendEach([1]);
    rig.log.append(new Uint8Array(0), 0, 2 ** 31, 1, 1);
    rig.log.tick(1_000);
    rig.settle();
    rig.appendEach([3]);
    const all = reading(rig).toEnd();
    expect(all.numbers).toEqual([1, 3]);
    expect(all.gaps).toEqual([2]);
  });

  it('names the place of damage, and the disk that does not answer', () => {
    const rig = opened();
    rig.appendEach(range(1, 5));
    rig.change(segmentPath(1), (bytes) => bytes.with(130, bytes[130] ^ 1));
    const damaged = reading(rig).toEnd();
    expect(damaged.error).toMatchObject({ code: 'damaged', path: segmentPath(1), offset: 104 });
    rig.change(segmentPath(1), (bytes) => bytes.subarray(0, 60));
    const torn = reading(rig).toEnd();
    expect(torn.error).toMatchObject({ code: 'damaged', offset: 40 });
    for (const kind of ['open', 'read']) {
      rig.storage.faults = (operation) => (operation === kind ? 'io' : undefined);
      expect(reading(rig).toEnd().error).toMatchObject({ code: 'io' });
    }
  });
});
