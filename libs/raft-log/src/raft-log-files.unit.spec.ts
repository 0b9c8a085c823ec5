import * as fc from 'fast-check';
import { MemoryDisk, type DiskFault } from '#libs/disk-memory';
import { hexText, utf8Bytes } from '#libs/kernel';
import type { Disk, DiskCallback } from '#libs/ports';
import {
  configurationOf,
  MemoryLogStorage,
  type Entry,
  type HardState,
  type Snapshot,
  type StoredLog,
} from '#libs/raft';
import { RAFT_LOG_BOUNDS, RaftLogFiles, type RaftLogCallback, type RaftLogError } from './index.js';
import { decodeSegment } from './segment-format.js';

const FOLDER = 'raft';
const HARD_STATE = `${FOLDER}/hard-state.bin`;
const FIRST_SNAPSHOT = `${FOLDER}/snapshot-0000000000000000.bin`;
const segment = (sequence: number): string => `${FOLDER}/log-000000000000000${sequence}.seg`;
const FIRST_SEGMENT = segment(1);
const FOUNDERS = configurationOf([1, 2, 3]);
const NOTHING = { hardState: undefined, snapshot: undefined, entries: [] };

const entry = (index: number, term: number, text = `${index}@${term}`): Entry => ({
  index,
  term,
  type: 1,
  version: 1,
  data: utf8Bytes(text),
});

const snapshotAt = (index: number, term: number): Snapshot => ({
  index,
  term,
  configuration: FOUNDERS,
  data: utf8Bytes(`state ${index}`),
});

/** A disk in memory whose operations happen when `run` is called. */
class Bench {
  private readonly turns: (() => void)[] = [];
  fault: DiskFault = () => undefined;
  readonly disk: Disk = new MemoryDisk({
    runLater: (turn) => this.turns.push(turn),
    fault: (operation, path) => this.fault(operation, path),
  });

  /** The answer, once the disk has done all that it was asked for. */
  run<T>(call: (done: (error: RaftLogError | undefined, value: T) => void) => void): T {
    const answers: { error: Error | undefined; value: T }[] = [];
    call((error, value) => answers.push({ error, value }));
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) turn();
    expect(answers).toHaveLength(1);
    if (answers[0].error !== undefined) throw answers[0].error;
    return answers[0].value;
  }

  onDisk<T>(call: (done: DiskCallback<T>) => void): T {
    return this.run((done) => call(done as unknown as DiskCallback<T>));
  }

  files(): RaftLogFiles {
    return new RaftLogFiles(this.disk, FOLDER);
  }

  created(): RaftLogFiles {
    const files = this.files();
    expect(this.load(files)).toBeUndefined();
    this.run<void>((done) => files.create(FOUNDERS, done));
    return files;
  }

  load(files = this.files()): StoredLog | undefined {
    return this.run<StoredLog | undefined>((done) => files.load(done));
  }

  write(files: RaftLogFiles, entries: readonly Entry[], hardState?: HardState, snapshot?: Snapshot): void {
    this.run<void>((done) => files.write({ entries, hardState, snapshot }, done));
  }

  read(path: string): Uint8Array {
    return this.onDisk<Uint8Array>((done) => this.disk.readFile(path, done));
  }

  put(path: string, bytes: Uint8Array): void {
    this.onDisk<void>((done) => this.disk.writeFileAtomic(path, bytes, done));
  }

  change(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    this.put(path, change(this.read(path)));
  }

  remove(path: string): void {
    this.onDisk<void>((done) => this.disk.remove(path, done));
  }

  names(): readonly string[] {
    return this.onDisk<readonly string[]>((done) => this.disk.list(FOLDER, done));
  }
}

/** Writes so many segments full; answers how many entries each has. */
function fillSegments(bench: Bench, files: RaftLogFiles, segments: number): number {
  const large = 'x'.repeat(500 * 1024);
  const perSegment = Math.ceil(RAFT_LOG_BOUNDS.segmentBytes / large.length);
  for (let index = 1; index <= segments * perSegment; index++) bench.write(files, [entry(index, 1, large)]);
  return perSegment;
}

function storedOf(log: StoredLog | undefined): MemoryLogStorage {
  return MemoryLogStorage.from(log!);
}

function storedIn(bench: Bench): MemoryLogStorage {
  return storedOf(bench.load());
}

function textsOf(log: StoredLog | undefined): string[] {
  return log!.entries.map(({ data }) => new TextDecoder().decode(data));
}

/** What a member does with its log: take entries, from some place before the end on; compact; take a leader's snapshot. */
const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), back: fc.nat(4), count: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('save' as const), back: fc.nat(4), count: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('install' as const), back: fc.nat(4), count: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), back: fc.nat(1), count: fc.nat(1) }) },
);

describe('the files of a member', () => {
  it('give back what was written, whatever was done', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 25 }), (steps) => {
        const bench = new Bench();
        let files = bench.created();
        const model = new MemoryLogStorage(FOUNDERS);
        let term = 0;
        for (const step of steps) {
          const { snapshot, lastIndex } = model;
          if (step.do === 'write') {
            term++;
            const from = Math.max(snapshot.index + 1, lastIndex + 1 - step.back);
            const entries = Array.from({ length: step.count }, (_, at) => entry(from + at, term));
            model.hardState = { term, vote: step.back };
            model.append(entries);
            bench.write(files, entries, model.hardState);
          } else if (step.do === 'save' && lastIndex - step.back > snapshot.index) {
            const taken = snapshotAt(lastIndex - step.back, model.term(lastIndex - step.back)!);
            model.save(taken);
            model.compact(taken.index - step.count);
            bench.run<void>((done) => files.saveSnapshot(taken, taken.index - step.count, done));
          } else if (step.do === 'install') {
            const theirs = snapshotAt(lastIndex + 1 + step.back, ++term);
            model.install(theirs);
            bench.write(files, [], undefined, theirs);
          } else if (step.do === 'restart') {
            bench.run<void>((done) => files.close(done));
            files = bench.files();
            bench.load(files);
          }
        }
        const stored = storedIn(bench);
        expect([stored.hardState, stored.snapshot, stored.lastIndex]).toEqual([
          model.hardState,
          model.snapshot,
          model.lastIndex,
        ]);
        expect(stored.firstIndex).toBeLessThanOrEqual(model.snapshot.index + 1);
        for (let i = Math.max(stored.firstIndex, model.firstIndex) - 1; i <= model.lastIndex; i++) {
          expect(stored.term(i)).toBe(model.term(i));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('lose only the batch that was being written, wherever the power went', () => {
    const bench = new Bench();
    const files = bench.created();
    bench.write(files, [entry(1, 1), entry(2, 1)]);
    const before = bench.read(FIRST_SEGMENT);
    bench.write(files, [entry(2, 2), entry(3, 2)]);
    const after = bench.read(FIRST_SEGMENT);
    for (let length = before.length; length <= after.length; length++) {
      for (const junk of [0, 1, 40]) {
        bench.put(FIRST_SEGMENT, new Uint8Array([...after.subarray(0, length), ...new Uint8Array(junk)]));
        const reopened = bench.files();
        const expected = length < after.length ? ['1@1', '2@1'] : ['1@1', '2@2', '3@2'];
        expect(textsOf(bench.load(reopened))).toEqual(expected);
        const next = expected.length + 1;
        bench.write(reopened, [entry(next, 3)]);
        expect(textsOf(bench.load())).toEqual([...expected, `${next}@3`]);
      }
    }
  });

  it('begin a segment anew whose header is torn', () => {
    for (const length of [0, 7, 15]) {
      const bench = new Bench();
      const files = bench.created();
      bench.write(files, [entry(1, 1)]);
      bench.put(FIRST_SEGMENT, bench.read(FIRST_SEGMENT).subarray(0, length));
      const reopened = bench.files();
      expect(textsOf(bench.load(reopened))).toEqual([]);
      bench.write(reopened, [entry(1, 2)]);
      expect(textsOf(bench.load())).toEqual(['1@2']);
    }
  });

  it('go on with a segment that was begun and has no whole header', () => {
    for (const length of [0, 7]) {
      const bench = new Bench();
      const perSegment = fillSegments(bench, bench.created(), 1);
      bench.put(segment(2), bench.read(segment(1)).subarray(0, length));
      const reopened = bench.files();
      expect(storedOf(bench.load(reopened)).lastIndex).toBe(perSegment);
      bench.write(reopened, [entry(perSegment + 1, 2)]);
      expect(storedIn(bench).lastIndex).toBe(perSegment + 1);
    }
  });

  it('report damage before the last batch at any byte, and change nothing', () => {
    const bench = new Bench();
    const files = bench.created();
    bench.write(files, [entry(1, 1), entry(2, 1)]);
    const durable = bench.read(FIRST_SEGMENT).length;
    bench.write(files, [entry(3, 1)]);
    const whole = bench.read(FIRST_SEGMENT);
    for (let at = 0; at < durable; at++) {
      const bytes = whole.slice();
      bytes[at] ^= 0x40;
      bench.put(FIRST_SEGMENT, bytes);
      expect(() => bench.load()).toThrow(`${FIRST_SEGMENT} is damaged`);
      expect(bench.read(FIRST_SEGMENT)).toEqual(bytes);
    }
  });

  it.each<[string, (bench: Bench) => void, string]>([
    ['a missing hard state', (bench) => bench.remove(HARD_STATE), `${HARD_STATE} is damaged: it is missing`],
    ['a missing snapshot', (bench) => bench.remove(FIRST_SNAPSHOT), 'there is no snapshot'],
    [
      'a damaged hard state',
      (bench) => bench.change(HARD_STATE, (bytes) => bytes.with(20, 9).with(44, 9)),
      'checksum differs',
    ],
    ['a torn hard state', (bench) => bench.change(HARD_STATE, (bytes) => bytes.subarray(0, 5)), 'truncated'],
    ['a damaged snapshot', (bench) => bench.change(FIRST_SNAPSHOT, (bytes) => bytes.with(30, 9)), 'checksum differs'],
    ['another kind of file', (bench) => bench.put(FIRST_SNAPSHOT, bench.read(HARD_STATE)), 'magic number'],
    [
      'a later format',
      (bench) => bench.change(HARD_STATE, (bytes) => bytes.with(4, 2).with(28, 2)),
      'format version 2, 1 is allowed',
    ],
    ['a segment under another name', (bench) => bench.put(segment(2), bench.read(segment(1))), 'its number is not'],
    ['a first segment that is missing', (bench) => bench.remove(segment(1)), 'entries after snapshot 0 are missing'],
    ['a middle segment that is missing', (bench) => bench.remove(segment(2)), 'entry 19 follows 9'],
    [
      'a torn segment that is not the last',
      (bench) => bench.change(segment(1), (bytes) => bytes.subarray(0, -1)),
      'a batch of',
    ],
  ])('report %s', (_, damage, problem) => {
    const bench = new Bench();
    const files = bench.created();
    bench.write(files, [], { term: 1, vote: 1 });
    fillSegments(bench, files, 3);
    damage(bench);
    expect(() => bench.load()).toThrow(problem);
    expect(() => bench.load()).toThrow('let it join again');
  });

  it('remove what a leader’s snapshot has replaced, also after a crash in between', () => {
    const bench = new Bench();
    const files = bench.created();
    bench.write(files, [entry(1, 1), entry(2, 1), entry(3, 1)]);
    const old = bench.read(FIRST_SEGMENT);
    bench.write(files, [], undefined, snapshotAt(3, 2));
    expect(bench.names()).toEqual(['hard-state.bin', 'snapshot-0000000000000003.bin']);
    bench.put(FIRST_SEGMENT, old);
    const reopened = bench.files();
    expect(bench.load(reopened)).toMatchObject({ entries: [], termBefore: 2, snapshot: { index: 3, term: 2 } });
    bench.write(reopened, [entry(4, 2)]);
    expect(bench.names()).toEqual(['hard-state.bin', 'log-0000000000000002.seg', 'snapshot-0000000000000003.bin']);
    expect(textsOf(bench.load())).toEqual(['4@2']);
  });

  it('forget what a leader’s snapshot has replaced, wherever the removal stopped', () => {
    for (let removals = 0; removals < 3; removals++) {
      const bench = new Bench();
      const files = bench.created();
      fillSegments(bench, files, 3);
      let asked = 0;
      bench.fault = (operation, path) =>
        operation === 'remove' && path.endsWith('.seg') && asked++ === removals ? 'io' : undefined;
      expect(() => bench.write(files, [], undefined, snapshotAt(5, 9))).toThrow('the node has to stop');
      bench.fault = () => undefined;
      const reopened = bench.files();
      expect(bench.load(reopened)).toMatchObject({ entries: [], snapshot: { index: 5, term: 9 } });
      bench.write(reopened, [entry(6, 9)]);
      expect(textsOf(bench.load())).toEqual(['6@9']);
    }
  });

  it('begin new segments and drop old ones once a snapshot covers them', () => {
    const bench = new Bench();
    const files = bench.created();
    const perSegment = fillSegments(bench, files, 3);
    const segments = (): number => bench.names().filter((name) => name.startsWith('log-')).length;
    expect(segments()).toBe(3);
    const index = 2 * perSegment + 1;
    bench.run<void>((done) => files.saveSnapshot(snapshotAt(index, 1), index - 2, done));
    expect(segments()).toBe(2);
    bench.run<void>((done) => files.saveSnapshot(snapshotAt(3 * perSegment, 1), 3 * perSegment, done));
    expect(segments()).toBe(1);
    expect(storedIn(bench).lastIndex).toBe(3 * perSegment);
    expect(() => files.saveSnapshot(snapshotAt(5, 1), 6, () => undefined)).toThrow('not covered');
  });

  it.each(['sync', 'append', 'writeFileAtomic'] as const)('stop for good when %s fails once', (operation) => {
    const bench = new Bench();
    const files = bench.created();
    let failures = 0;
    bench.fault = (asked) => (asked === operation && failures++ === 0 ? 'io' : undefined);
    const write = (done: RaftLogCallback): void => {
      files.write({ hardState: { term: 1, vote: 1 }, snapshot: snapshotAt(1, 1), entries: [entry(2, 1)] }, done);
    };
    expect(() => bench.run<void>(write)).toThrow('the node has to stop');
    const asked: string[] = [];
    bench.fault = (next) => (asked.push(next), undefined);
    expect(() => bench.run<void>(write)).toThrow('the node has to stop');
    expect(asked).toEqual([]);
    expect(() => bench.run<void>((done) => files.close(done))).toThrow('the node has to stop');
    expect(() => files.close(() => undefined)).toThrow('the log is closed');
  });

  it('write once what is asked for in the answer to the write before', () => {
    const bench = new Bench();
    const files = bench.created();
    let answers = 0;
    bench.run<void>((done) =>
      files.write({ ...NOTHING, entries: [entry(1, 1)] }, () =>
        files.write({ ...NOTHING, entries: [entry(2, 1)] }, () => {
          answers++;
          files.write({ ...NOTHING, entries: [entry(3, 1)] }, done);
        }),
      ),
    );
    expect(answers).toBe(1);
    expect(decodeSegment(bench.read(FIRST_SEGMENT), 1).batches.map((batch) => batch[0].index)).toEqual([1, 2, 3]);
  });

  it('make what they find durable before they answer', () => {
    const bench = new Bench();
    bench.write(bench.created(), [entry(1, 1)]);
    const asked: string[] = [];
    bench.fault = (operation) => (asked.push(operation), undefined);
    bench.load();
    expect(asked.slice(-2)).toEqual(['writeFileAtomic', 'open']);
    bench.fault = (operation) => (operation === 'writeFileAtomic' ? 'io' : undefined);
    expect(() => bench.load()).toThrow('the node has to stop');
  });

  it('say so where the disk cannot be read', () => {
    const bench = new Bench();
    bench.created();
    for (const operation of ['list', 'readFile'] as const) {
      bench.fault = (asked) => (asked === operation ? 'io' : undefined);
      expect(() => bench.load()).toThrow('the node has to stop');
    }
  });

  it('may be created again when that was cut short', () => {
    const bench = new Bench();
    bench.created();
    bench.remove(HARD_STATE);
    bench.created();
    expect(storedIn(bench).snapshot.configuration).toEqual(FOUNDERS);
  });

  /** A later release reads these. Spaces group the fields. */
  it.each([
    [
      FIRST_SNAPSHOT,
      '48435253 01000000 d118a54f 0000000000000000 0000000000000000 03 01000000 02000000 03000000 00 00 00000000',
    ],
    [
      FIRST_SEGMENT,
      '4843524c 01000000 01000000 12b941f3 1c000000 8d2d30b3 0100000000000000 01000000 0100000000000000 01 01 02000000 6162',
    ],
  ])('have these bytes: %s', (path, hex) => {
    const bench = new Bench();
    bench.write(bench.created(), [entry(1, 1, 'ab')], { term: 1, vote: 2 });
    expect(hexText(bench.read(path))).toBe(hex.replaceAll(' ', ''));
  });
});
