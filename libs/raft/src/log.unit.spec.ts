import * as fc from 'fast-check';
import {
  compactionIndex,
  configurationOf,
  decodeConfiguration,
  isSnapshotDue,
  MemoryLogStorage,
  type Entry,
} from './index.js';
import { totalEntryBytes } from './entry.js';
import { RaftLog } from './log.js';
import { quorumIndex } from './quorum.js';
import { settingsOf } from './options.js';

const entry = (index: number, term: number): Entry => ({ index, term, type: 1, version: 1, data: new Uint8Array(4) });
const ALL = Number.MAX_SAFE_INTEGER;

/** What is done to a log: append so many entries of a newer term from some index, persist, commit, apply, compact. */
const STEP = fc.oneof(
  fc.record({ do: fc.constant('append' as const), back: fc.nat(5), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constantFrom('persist' as const, 'commit' as const, 'apply' as const, 'compact' as const) }),
);

describe('the log', () => {
  it('is a plain list of entries, whatever of it is durable or compacted', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
        const storage = new MemoryLogStorage(configurationOf([1]));
        const log = new RaftLog(storage);
        const model: number[] = [0];
        let term = 0;
        for (const step of steps) {
          if (step.do === 'append') {
            term++;
            const from = Math.max(log.commit + 1, model.length - step.back);
            model.length = from;
            for (let i = 0; i < step.count; i++) model.push(term);
            const added = model.slice(from).map((_, at) => entry(from + at, term));
            log.append(added);
          } else if (step.do === 'persist') {
            const entries = log.unstableEntries;
            storage.append(entries);
            if (entries.length > 0) log.stableTo(log.lastIndex, log.lastTerm);
          } else if (step.do === 'commit') log.commitTo(Math.ceil((log.commit + log.lastIndex) / 2));
          else if (step.do === 'apply') log.appliedTo(log.nextCommitted(ALL).at(-1)?.index ?? log.applied);
          else if (Math.min(log.applied, log.stableIndex) > storage.snapshot.index) {
            const index = Math.min(log.applied, log.stableIndex);
            const configuration = configurationOf([1]);
            storage.save({ index, term: log.term(index) as number, configuration, data: new Uint8Array(0) });
            storage.compact(index - 1);
          }
          expect(log.lastIndex).toBe(model.length - 1);
          expect(log.unstableBytes).toBe(totalEntryBytes(log.unstableEntries));
          for (let i = log.firstIndex; i < model.length; i++) expect(log.term(i)).toBe(model[i]);
          const read = log.entries(log.firstIndex, log.lastIndex, ALL, ALL);
          expect(read.map(({ index }) => index)).toEqual(
            model.slice(log.firstIndex).map((_, at) => log.firstIndex + at),
          );
          expect(log.entries(log.firstIndex, log.lastIndex, 45, ALL)).toEqual(read.slice(0, 2));
          expect(log.entries(log.firstIndex, log.lastIndex, ALL, 1)).toEqual(read.slice(0, 1));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('finds the last entry of at most a term', () => {
    const log = new RaftLog(new MemoryLogStorage());
    log.append([entry(1, 1), entry(2, 1), entry(3, 4), entry(4, 4), entry(5, 6)]);
    const found = [0, 1, 3, 4, 5, 6].map((term) => log.lastAtMost(5, term));
    expect(found).toEqual([0, 2, 2, 4, 4, 5]);
    expect(log.lastAtMost(3, 9)).toBe(3);
    expect(log.lastAtMost(99, 9)).toBe(5);
  });

  it('replaces nothing that is committed and leaves no gap', () => {
    const log = new RaftLog(new MemoryLogStorage());
    log.append([entry(1, 1)]);
    log.commitTo(1);
    expect(() => log.append([entry(1, 2)])).toThrow('entry 1 would replace a committed one');
    expect(() => log.append([entry(3, 2)])).toThrow('entry 3 does not follow 1');
    expect(() => log.commitTo(2)).toThrow('entry 2 is committed and not in the log');
  });

  it('is restored from what was stored', () => {
    const snapshot = { index: 5, term: 2, configuration: configurationOf([1, 2]), data: new Uint8Array(1) };
    const hardState = { term: 3, vote: 1 };
    const stored = { hardState, snapshot, entries: [entry(4, 2), entry(5, 2), entry(6, 3)], termBefore: 1 };
    const storage = MemoryLogStorage.from(stored);
    expect([storage.firstIndex, storage.lastIndex, storage.term(3), storage.term(2)]).toEqual([4, 6, 1, undefined]);
    expect(() => MemoryLogStorage.from({ ...stored, entries: [entry(7, 3)] })).toThrow('missing');
    expect(() => MemoryLogStorage.from({ ...stored, entries: [entry(4, 2)] })).toThrow('ends before');
    expect(() => storage.compact(6)).toThrow('not covered');
    expect(() => storage.save({ ...snapshot, index: 6, term: 9 })).toThrow('not of this log');
    expect(() => storage.save(snapshot)).toThrow('not newer');
    expect(() => storage.entries(1, 2, ALL, ALL)).toThrow('not in the log');
  });
});

describe('compaction', () => {
  it('takes snapshots every so many entries and keeps some before them', () => {
    expect(isSnapshotDue(10_000, 1)).toBe(false);
    expect(isSnapshotDue(10_001, 1)).toBe(true);
    expect(compactionIndex(1, 1_000)).toBeUndefined();
    expect(compactionIndex(1, 1_001)).toBe(1);
    expect(compactionIndex(501, 10_000)).toBe(9_000);
  });
});

describe('quorums', () => {
  it('are what a majority of both sets has', () => {
    const matches = new Map([
      [1, 9],
      [2, 5],
      [3, 7],
      [4, 1],
    ]);
    const matchOf = (id: number): number => matches.get(id) ?? 0;
    expect(quorumIndex(configurationOf([1, 2, 3]), matchOf)).toBe(7);
    expect(quorumIndex(configurationOf([1, 2, 3, 4]), matchOf)).toBe(5);
    expect(quorumIndex({ voters: [1, 2, 3], outgoing: [3, 4], learners: [] }, matchOf)).toBe(1);
    expect(quorumIndex(configurationOf([]), matchOf)).toBe(0);
  });
});

describe('configurations', () => {
  it.each([
    ['a voter that is a learner', [1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0], 'voter and a learner'],
    ['no voters but learners', [0, 0, 1, 1, 0, 0, 0], 'without voters'],
    ['bytes left over', [0, 0, 0, 0], '1 bytes after'],
  ])('with %s are refused', (_, bytes, problem) => {
    expect(() => decodeConfiguration(new Uint8Array(bytes))).toThrow(problem);
  });
});

describe('options', () => {
  const options = { id: 1, storage: new MemoryLogStorage(), rng: { nextU32: () => 0 } };
  it.each([
    [{ id: 0 }, 'node id 0'],
    [{ heartbeatTicks: 0 }, 'heartbeatTicks 0'],
    [{ electionTicks: 5 }, 'electionTicks 5 must exceed heartbeatTicks 5'],
    [{ leaseTicks: 15 }, 'leaseTicks 15 must be less'],
    [{ snapshotChunkBytes: 0 }, 'snapshotChunkBytes 0'],
    [{ maxAppendBytes: 1e9 }, 'maxAppendBytes 1000000000'],
    [{ maxUncommittedBytes: 0 }, 'maxUncommittedBytes 0'],
  ])('%j are refused', (change, problem) => {
    expect(() => settingsOf({ ...options, ...change })).toThrow(problem);
  });
});
