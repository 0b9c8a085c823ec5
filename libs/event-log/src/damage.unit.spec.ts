/** What becomes of a log whose files are damaged: cut, refused with the place, or of no consequence; never wrong data. */
import { EventLogError } from './index.js';
import { checkpointPath, LogRig, MANIFEST, range, segmentPath, type Visited } from './log-rig.support.spec.js';

const SECTOR_BYTES = 512;
const LAST = 40;

type Files = ReadonlyMap<string, Uint8Array>;

/** A log of several segments, each batch acknowledged before the next, whose process ended. */
function written(numbers: readonly number[], segmentBytes = 600): { rig: LogRig; files: Files } {
  const rig = new LogRig({ segmentBytes });
  rig.open();
  rig.appendEach(numbers, 40);
  return { rig, files: rig.snapshot() };
}

/** The same, with a checkpoint in the middle that has what came before. */
function checkpointed(): { rig: LogRig; files: Files } {
  const rig = new LogRig({ segmentBytes: 600 });
  rig.open();
  rig.appendEach(range(1, LAST / 2), 40);
  expect(rig.checkpoint(range(1, LAST / 2), LAST / 2, 40)).toBeUndefined();
  rig.appendEach(range(LAST / 2 + 1, LAST), 40);
  return { rig, files: rig.snapshot() };
}

/** What a recovery has: all that it visited, or the error that names the place. */
function outcome(rig: LogRig, onDamage: 'refuse' | 'stop-there' = 'refuse'): number[] | EventLogError {
  try {
    return numbersOf(rig.reopen(onDamage).visited);
  } catch (error) {
    if (error instanceof EventLogError) return error;
    throw error;
  }
}

function numbersOf({ shards, log }: Visited): number[] {
  const [shard] = shards;
  if (shard === undefined) return log;
  return [...shard.numbers, ...log.filter((number) => number > shard.start.sequence)];
}

/** Whole, or cut where no batch says that it was durable, or refused with the name of the file. */
function expectHonest(found: number[] | EventLogError, path: string, notBefore: number): 'whole' | 'cut' | 'refused' {
  if (found instanceof EventLogError) {
    expect(found.path).toBe(path);
    expect(found.message).toMatch(/^events\/.*\.(log|ckp): /);
    return 'refused';
  }
  expect(found).toEqual(range(1, found.length));
  expect(found.length).toBeGreaterThanOrEqual(notBefore);
  return found.length === LAST ? 'whole' : 'cut';
}

describe('the end of a log', () => {
  it('that is torn at any byte of its last batch is cut, and what follows is written behind the cut', () => {
    const { rig, files } = written(range(1, 5), 10_000);
    const whole = files.get(segmentPath(1))!;
    const { length: lastBytes } = whole.subarray(whole.length - (whole.length - 40) / 5);
    for (let bytes = whole.length - lastBytes; bytes < whole.length; bytes++) {
      for (const junk of [0, 1, 50]) {
        rig.restore(files);
        rig.put(segmentPath(1), new Uint8Array([...whole.subarray(0, bytes), ...new Uint8Array(junk).fill(7)]));
        const { visited, report } = rig.reopen();
        expect(visited.log).toEqual(range(1, 4));
        const isCut = bytes + junk > whole.length - lastBytes;
        expect(report.cut?.path).toBe(isCut ? segmentPath(1) : undefined);
        rig.append([6]);
        rig.settle();
        expect(rig.reopen().visited.log).toEqual([1, 2, 3, 4, 6]);
      }
    }
  });

  it('that is torn at any byte of a header is begun anew', () => {
    const { rig, files } = written(range(1, 20));
    const last = [...files.keys()]
      .filter((path) => files.get(path)!.length > 0 && path.endsWith('.log'))
      .sort()
      .at(-1)!;
    for (let bytes = 1; bytes < 40; bytes++) {
      rig.restore(files);
      rig.put(last, files.get(last)!.subarray(0, bytes));
      const { visited } = rig.reopen();
      const kept = visited.log.length;
      expect(visited.log).toEqual(range(1, kept));
      rig.append([kept + 1]);
      rig.settle();
      expect(rig.reopen().visited.log).toEqual(range(1, kept + 1));
    }
  });

  it('that was closed in order is not cut: whatever does not read there was durable', () => {
    const rig = new LogRig();
    rig.open();
    rig.appendEach(range(1, 3));
    rig.close();
    rig.change(segmentPath(1), (bytes) => bytes.subarray(0, -1));
    expect(outcome(rig)).toMatchObject({ code: 'damaged', path: segmentPath(1) });
  });

  it('may lack what was never durable, with holes and whole batches behind them, and is cut there', () => {
    const rig = new LogRig({ policy: 'everysec' });
    rig.open();
    rig.appendEach(range(1, 3), 40);
    rig.log.tick(5_000);
    rig.settle();
    const durable = rig.read(segmentPath(1)).length;
    rig.appendEach(range(4, 8), 40);
    const files = rig.snapshot();
    const whole = files.get(segmentPath(1))!;
    for (let at = durable; at < whole.length; at += 7) {
      rig.restore(files);
      rig.put(segmentPath(1), whole.with(at, whole[at] ^ 1));
      const { report } = rig.reopen();
      expect(report.cut).toMatchObject({ path: segmentPath(1) });
      expect(report.cut!.offset).toBeGreaterThanOrEqual(durable);
    }
    for (let at = 0; at < durable; at += 7) {
      rig.restore(files);
      rig.put(segmentPath(1), whole.with(at, whole[at] ^ 1));
      expect(outcome(rig)).toMatchObject({ code: 'damaged', path: segmentPath(1) });
    }
  });

  it('may lack the end of a segment before the last one, if that was never durable', () => {
    const rig = new LogRig({ policy: 'everysec', segmentBytes: 200 });
    rig.open();
    rig.storage.delayMs = (operation) => (operation === 'sync' ? 1e9 : 0.1);
    for (const number of range(1, 6)) {
      rig.append([number], 40);
      rig.queue.runFor(10);
    }
    expect(rig.log.end.segment).toBe(2);
    const files = rig.snapshot();
    rig.storage.delayMs = () => 0.1;
    rig.restore(files);
    rig.change(segmentPath(1), (bytes) => bytes.with(bytes.length - 1, 1));
    const { visited, report } = rig.reopen();
    expect(report.cut).toMatchObject({ path: segmentPath(1) });
    expect(visited.log.length).toBeLessThan(6);
    expect(rig.storage.files.get(segmentPath(2))!.length).toBe(0);
    rig.append([99]);
    rig.settle();
    expect(rig.reopen().visited.log).toEqual([...visited.log, 99]);
  });
});

describe('a log with damage', () => {
  it('in any of its sectors: is cut at its very end, or refused with the place', () => {
    const { rig, files } = written(range(1, LAST));
    const seen = new Set<string>();
    for (const [path, whole] of files) {
      if (!path.endsWith('.log')) continue;
      for (let at = 0; at < whole.length; at += SECTOR_BYTES) {
        rig.restore(files);
        rig.put(path, whole.slice().fill(0, at, at + SECTOR_BYTES));
        seen.add(expectHonest(outcome(rig), path, LAST - 12));
      }
    }
    expect(seen).toContain('refused');
  });

  it('in any bit of any segment: is cut at its very end, or refused with the place', () => {
    const { rig, files } = written(range(1, LAST));
    for (const [path, whole] of files) {
      if (!path.endsWith('.log')) continue;
      for (let at = 0; at < whole.length; at += 3) {
        rig.restore(files);
        rig.put(path, whole.with(at, whole[at] ^ (1 << (at % 8))));
        const found = outcome(rig);
        expectHonest(found, path, LAST - 12);
        if (found instanceof EventLogError) expect(found.offset).toBeLessThanOrEqual(at);
      }
    }
  });

  it('in any bit of a checkpoint: is refused with the place, where what was before is gone', () => {
    const { rig, files } = checkpointed();
    const path = checkpointPath(1);
    const whole = files.get(path)!;
    for (let at = 0; at < whole.length; at += 3) {
      rig.restore(files);
      rig.put(path, whole.with(at, whole[at] ^ (1 << (at % 8))));
      expect(outcome(rig)).toMatchObject({ code: 'damaged', path });
    }
  });

  it('in a checkpoint that ends anywhere: is refused with the place', () => {
    const { rig, files } = checkpointed();
    const path = checkpointPath(1);
    const whole = files.get(path)!;
    for (let bytes = 0; bytes < whole.length; bytes += 5) {
      rig.restore(files);
      rig.put(path, whole.subarray(0, bytes));
      expect(outcome(rig)).toMatchObject({ code: 'damaged', path });
    }
  });

  it('in any bit of the manifest, or without it: is found by its checkpoint alone', () => {
    const { rig, files } = checkpointed();
    const whole = files.get(MANIFEST)!;
    const spoilt = [
      new Uint8Array(0),
      new Uint8Array(whole.length),
      new Uint8Array([...whole, ...whole]),
      whole.subarray(0, 20),
      ...Array.from(whole, (byte, at) => whole.with(at, byte ^ (1 << (at % 8)))),
    ];
    for (const bytes of spoilt) {
      rig.restore(files);
      rig.put(MANIFEST, bytes);
      const { visited, report } = rig.reopen();
      expect(numbersOf(visited)).toEqual(range(1, LAST));
      expect(report).toMatchObject({ checkpoint: 1, manifest: 'damaged' });
    }
    rig.restore(files);
    rig.remove(MANIFEST);
    expect(rig.reopen().report).toMatchObject({ checkpoint: 1, manifest: 'missing' });
  });

  it('with an old manifest: is found by what is there', () => {
    const { rig, files } = checkpointed();
    rig.appendEach(range(LAST + 1, LAST + 20), 40);
    rig.checkpoint(range(1, LAST + 20), LAST + 20, 40);
    rig.appendEach([LAST + 21]);
    rig.put(MANIFEST, files.get(MANIFEST)!);
    const { visited, report } = rig.reopen();
    expect(numbersOf(visited)).toEqual(range(1, LAST + 21));
    expect(report.checkpoint).toBe(2);
  });

  it('in the newest checkpoint: falls back to the one before, where that and its segments are still there', () => {
    const { rig, files } = checkpointed();
    rig.log.pin(rig.log.firstSegment);
    rig.appendEach(range(LAST + 1, LAST + 20), 40);
    rig.checkpoint(range(1, LAST + 20), LAST + 20, 40);
    rig.appendEach([LAST + 21]);
    rig.put(checkpointPath(1), files.get(checkpointPath(1))!);
    rig.change(checkpointPath(2), (bytes) => bytes.with(100, bytes[100] ^ 4));
    const { visited, report } = rig.reopen();
    expect(numbersOf(visited)).toEqual(range(1, LAST + 21));
    expect(visited.starts).toBe(2);
    expect(report).toMatchObject({ checkpoint: 1, lost: undefined });
    expect(report.passedOver[0]).toContain(checkpointPath(2));
    expect(rig.files()).toContain('checkpoint/0000000000000002.ckp.damaged');
    rig.checkpoint(range(1, LAST + 21), LAST + 21);
    expect(rig.log.checkpoint.number).toBe(3);
    expect(rig.reopen().report.checkpoint).toBe(3);
  });

  it('in its only checkpoint: needs none where the log is there from its beginning', () => {
    const rig = new LogRig({ segmentBytes: 300 });
    rig.open();
    rig.log.pin(1);
    rig.appendEach(range(1, 10));
    rig.checkpoint(range(1, 10), 10);
    rig.appendEach([11]);
    rig.change(checkpointPath(1), (bytes) => bytes.subarray(0, 50));
    const { visited, report } = rig.reopen();
    expect(visited.log).toEqual(range(1, 11));
    expect(report).toMatchObject({ checkpoint: 0 });
    expect(rig.files()).toContain('checkpoint/0000000000000001.ckp.damaged');
  });

  it('does not go back behind a loss that only a later checkpoint has', () => {
    const rig = new LogRig({ segmentBytes: 300 });
    rig.open();
    rig.log.pin(1);
    rig.appendEach(range(1, 10));
    rig.log.append(new Uint8Array(0), 0, 2 ** 31, 1, 1);
    rig.log.tick(1_000);
    rig.settle();
    rig.appendEach([12]);
    rig.checkpoint(range(1, 12), 12);
    rig.appendEach([13]);
    const detached = segmentPath(rig.log.checkpoint.firstSegment);
    rig.change(checkpointPath(1), (bytes) => bytes.with(100, bytes[100] ^ 4));
    expect(outcome(rig)).toMatchObject({ code: 'damaged', path: detached });
    rig.remove(checkpointPath(1));
    expect(outcome(rig)).toMatchObject({ code: 'damaged', path: detached });
  });
});

describe('a log without one of its files', () => {
  it.each([2, 3, 4])('segment %i: is refused, and names it', (number) => {
    const { rig } = written(range(1, LAST));
    rig.remove(segmentPath(number));
    expect(outcome(rig)).toMatchObject({ code: 'missing', path: segmentPath(number) });
  });

  it('its first segment: is refused, and says what it has', () => {
    const { rig, files } = written(range(1, LAST));
    rig.remove(segmentPath(1));
    expect(String(outcome(rig))).toContain('the oldest segment is number 2, and no checkpoint has what was before');
    rig.restore(files);
    for (const path of files.keys()) if (path.endsWith('.log')) rig.remove(path);
    expect(String(outcome(rig))).toContain('there are no segments');
  });

  it('its last segment, which the manifest knows of: is refused', () => {
    const { rig } = written(range(1, LAST));
    rig.close();
    const last = rig.log.end;
    rig.remove(segmentPath(last.segment));
    expect(outcome(rig)).toMatchObject({ code: 'damaged', problem: expect.stringContaining('was durable up to') });
  });

  it('its checkpoint: is refused, and names it', () => {
    const { rig } = checkpointed();
    rig.remove(checkpointPath(1));
    expect(outcome(rig)).toMatchObject({ code: 'missing', path: checkpointPath(1), problem: 'the manifest names it' });
  });

  it('the segment with which its checkpoint begins: is refused, and names it', () => {
    const { rig } = checkpointed();
    const path = segmentPath(rig.log.checkpoint.firstSegment);
    rig.remove(path);
    expect(outcome(rig)).toMatchObject({ code: 'missing', path, problem: 'checkpoint 1 needs it' });
  });
});

describe('files that do not belong here', () => {
  it('of another log are refused, and named', () => {
    const { rig } = written(range(1, LAST));
    const other = new LogRig({ newLogId: 815 });
    other.open();
    other.appendEach([1]);
    rig.put(segmentPath(3), other.read(segmentPath(1)));
    expect(outcome(rig)).toMatchObject({ code: 'damaged', path: segmentPath(3) });
    rig.put(segmentPath(1), other.read(segmentPath(1)));
    expect(outcome(rig)).toMatchObject({ code: 'foreign', path: segmentPath(1) });
  });

  it('of this log in another place are refused', () => {
    const { rig } = written(range(1, LAST));
    rig.put(segmentPath(3), rig.read(segmentPath(2)));
    expect(outcome(rig)).toMatchObject({
      code: 'damaged',
      path: segmentPath(3),
      problem: expect.stringContaining('number 2'),
    });
  });

  it('with other names are left alone', () => {
    const { rig } = written([1, 2]);
    const others = ['log/notes.txt', 'log/1.log', 'checkpoint/ffffffffffffffff.ckp', 'log/0000000000000000.log'];
    for (const name of others) rig.put(`events/${name}`, new Uint8Array([1]));
    expect(outcome(rig)).toEqual([1, 2]);
    for (const name of others) expect(rig.files()).toContain(name);
  });
});
