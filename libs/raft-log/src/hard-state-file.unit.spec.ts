import * as fc from 'fast-check';
import { MemoryDisk } from '#libs/disk-memory';
import { DecodeError, hexText } from '#libs/kernel';
import type { DiskCallback } from '#libs/ports';
import type { HardState } from '#libs/raft';
import { RAFT_LOG_BOUNDS } from './bounds.js';
import { HardStateFile } from './hard-state-file.js';
import { decodeHardState, encodeHardState } from './state-records.js';

const PATH = 'raft/hard-state.bin';
const RECORD_BYTES = encodeHardState({ term: 1, vote: 1 }).length;

/** A disk whose operations happen as they are asked for, and are written down. */
class Bench {
  readonly asked: string[] = [];
  private readonly turns: (() => void)[] = [];
  private readonly disk = new MemoryDisk({
    runLater: (turn) => this.turns.push(turn),
    fault: (operation) => (this.asked.push(operation), undefined),
  });
  readonly file = new HardStateFile(this.disk, PATH);

  run<T>(call: (done: DiskCallback<T>) => void): T {
    let answer: T | undefined;
    call((error, value) => {
      expect(error).toBeUndefined();
      answer = value;
    });
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) turn();
    return answer as T;
  }

  write(state: HardState): void {
    this.run<void>((done) => this.file.writing(state)(done));
  }

  read(): Uint8Array {
    return this.run<Uint8Array>((done) => this.disk.readFile(PATH, done));
  }
}

function written(...states: readonly HardState[]): Bench {
  const bench = new Bench();
  for (const state of states) bench.write(state);
  return bench;
}

const FIRST = { term: 1, vote: 7 };
const SECOND = { term: 2, vote: 0 };
const THIRD = { term: 2, vote: 9 };

describe('the file of term and vote', () => {
  it('is written as a whole once, then appended to and synced', () => {
    const bench = written(FIRST);
    bench.asked.length = 0;
    bench.write(SECOND);
    bench.write(THIRD);
    expect(bench.asked).toEqual(['append', 'sync', 'append', 'sync']);
    expect(decodeHardState(bench.read())).toEqual(THIRD);
    bench.run<void>((done) => bench.file.close(done));
  });

  it('begins anew after a number of records', () => {
    const bench = new Bench();
    for (let term = 1; term <= RAFT_LOG_BOUNDS.hardStateRecords; term++) bench.write({ term, vote: 1 });
    expect(bench.read()).toHaveLength(RAFT_LOG_BOUNDS.hardStateRecords * RECORD_BYTES);
    bench.write({ term: 5_000, vote: 2 });
    expect(bench.read()).toEqual(encodeHardState({ term: 5_000, vote: 2 }));
    bench.write({ term: 5_000, vote: 3 });
    expect(decodeHardState(bench.read())).toEqual({ term: 5_000, vote: 3 });
  });

  it('torn at any byte of its last record has that record, or the one before', () => {
    const whole = written(FIRST, SECOND, THIRD).read();
    for (let length = 2 * RECORD_BYTES; length <= whole.length; length++) {
      const torn = whole.slice(0, length);
      const expected = length < 2 * RECORD_BYTES + RECORD_BYTES / 2 ? SECOND : THIRD;
      expect(decodeHardState(torn)).toEqual(expected);
      torn[length - 1] ^= 0xff;
      expect([SECOND, THIRD]).toContainEqual(decodeHardState(torn));
    }
  });

  it('loses nothing to a byte that rots, wherever it is', () => {
    const whole = written(FIRST, SECOND, THIRD).read();
    for (let at = 0; at < whole.length; at++) expect(decodeHardState(whole.with(at, whole[at] ^ 0x40))).toEqual(THIRD);
  });

  it('is refused where a record does not read that others follow, or that is the only one', () => {
    const whole = written(FIRST, SECOND, THIRD).read();
    for (const record of [0, 1]) {
      const damaged = whole.slice();
      for (const copy of [0, 1]) damaged[record * RECORD_BYTES + (copy * RECORD_BYTES) / 2 + 20] ^= 1;
      expect(() => decodeHardState(damaged)).toThrow('the checksum differs');
    }
    expect(() => decodeHardState(whole.slice(0, 5))).toThrow('truncated');
    expect(() => decodeHardState(new Uint8Array(0))).toThrow('truncated');
  });

  it('made of any bytes has a state or is refused', () => {
    const whole = written(FIRST, SECOND, THIRD).read();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))), fc.nat(whole.length), (flips, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, value] of flips) if (at < length) bytes[at] = value;
        try {
          expect([FIRST, SECOND, THIRD]).toContainEqual(decodeHardState(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  /** A later release reads these. */
  it('has these bytes, twice; an earlier release wrote them once', () => {
    const hex = '48435248 01000000 8b42794a 0100000000000000 02000000'.replaceAll(' ', '');
    const bytes = encodeHardState({ term: 1, vote: 2 });
    expect(hexText(bytes)).toBe(hex + hex);
    expect(decodeHardState(bytes.slice(0, RECORD_BYTES / 2))).toEqual({ term: 1, vote: 2 });
  });
});
