import { crc32, DecodeError } from '#libs/kernel';
import type { DiskOperationName } from '#libs/simulator';
import { EventLogError, ReplayFilter } from './index.js';
import { checkpointPath, LogRig, MANIFEST, range, segmentPath, Visited } from './log-rig.support.spec.js';

const LAST = 30;

/** Segments, a checkpoint in the middle, and a torn end; nothing of it was closed. */
function crashed(seed = 1): LogRig {
  const rig = new LogRig({ segmentBytes: 400, policy: 'everysec' }, seed);
  rig.open();
  rig.appendEach(range(1, LAST / 2), 40);
  rig.checkpoint(range(1, LAST / 2), LAST / 2, 40);
  rig.appendEach(range(LAST / 2 + 1, LAST), 40);
  rig.change(segmentPath(rig.log.end.segment), (bytes) => new Uint8Array([...bytes, 1, 2, 3]));
  return rig;
}

function numbersOf({ shards, log }: Visited): number[] {
  const [shard] = shards;
  if (shard === undefined) return log;
  return [...shard.numbers, ...log.filter((number) => number > shard.start.sequence)];
}

function errorOf(action: () => unknown): EventLogError {
  try {
    action();
  } catch (error) {
    if (error instanceof EventLogError) return error;
    throw error;
  }
  throw new Error('there was no error');
}

describe('recovery', () => {
  it('gives the checkpoint first, shard by shard, and then the log', () => {
    const rig = crashed();
    const { visited, report } = rig.reopen();
    expect(visited.shards).toEqual([
      { start: { storeId: 1, partition: 0, group: 1, epoch: 3, sequence: 15 }, numbers: range(1, 15) },
    ]);
    expect(visited.log.at(-1)).toBe(LAST);
    expect(numbersOf(visited)).toEqual(range(1, LAST));
    expect(report).toMatchObject({
      isNew: false,
      checkpoint: 1,
      manifest: 'read',
      endedCleanly: false,
      lost: undefined,
    });
    expect(report.batches).toBe(visited.log.length);
    expect(report.cut).toMatchObject({ problem: 'the block is not whole' });
  });

  it('tells how far it is, up to the end', () => {
    const { visited, report } = crashed().reopen();
    const [done, total] = visited.progress.at(-1)!;
    expect(total).toBeGreaterThanOrEqual(done);
    expect(total - done).toBeLessThan(report.checkpointBytes + report.logBytes);
    const bytes = visited.progress.map(([at]) => at);
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
  });

  it('finds the same again, in a folder that is in order', () => {
    const rig = crashed();
    rig.reopen();
    const second = rig.reopen();
    expect(numbersOf(second.visited)).toEqual(range(1, LAST));
    expect(second.report).toMatchObject({ cut: undefined, endedCleanly: false });
    rig.close();
    expect(rig.reopen().report.endedCleanly).toBe(true);
    expect(rig.reopen().report.endedCleanly).toBe(false);
  });

  it('makes durable what it has found, before anything is added', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rig = crashed(seed);
      rig.storage.forgetsSyncErrors = true;
      rig.storage.leavesHoles = true;
      rig.storage.faults = (operation) => (operation === 'sync' ? 'io' : undefined);
      rig.log.tick(10_000);
      rig.settle();
      rig.storage.faults = () => undefined;
      rig.crash('kept');
      rig.open();
      rig.crash('lost');
      const visited = new Visited();
      rig.open(visited);
      expect(numbersOf(visited)).toEqual(range(1, LAST));
    }
  });

  it('may be stopped by a crash at any operation, and comes to the same end', () => {
    for (const power of ['kept', 'lost'] as const) {
      for (let operations = 0; ; operations++) {
        const rig = crashed(operations);
        rig.boot();
        let isOpen = false;
        rig.log.open(new Visited(), 'refuse', () => (isOpen = true));
        for (let i = 0; i < operations; i++) rig.queue.step();
        rig.crash(power);
        const visited = new Visited();
        rig.open(visited);
        const numbers = numbersOf(visited);
        if (power === 'kept' || isOpen) expect(numbers).toEqual(range(1, LAST));
        else expect(numbers).toEqual(range(1, numbers.length));
        expect(numbers.length).toBeGreaterThanOrEqual(15);
        rig.append([numbers.length + 1]);
        rig.settle();
        expect(numbersOf(rig.reopen().visited)).toEqual(range(1, numbers.length + 1));
        if (isOpen) break;
      }
    }
  });

  it('may be stopped by a crash at any operation when there is nothing yet, and when it begins anew', () => {
    const spoil = (rig: LogRig): void => {
      if (rig.storage.files.has(checkpointPath(1))) rig.change(checkpointPath(1), (bytes) => bytes.subarray(0, 50));
    };
    for (const make of [() => new LogRig(), crashed]) {
      for (let operations = 0; ; operations++) {
        const rig = make(operations);
        spoil(rig);
        rig.boot();
        let isOpen = false;
        rig.log.open(new Visited(), 'stop-there', () => (isOpen = true));
        for (let i = 0; i < operations; i++) rig.queue.step();
        rig.crash('lost');
        rig.open(new Visited(), isOpen ? 'refuse' : 'stop-there');
        rig.append([99]);
        rig.settle();
        expect(rig.reopen().visited.log).toEqual([99]);
        if (isOpen) break;
      }
    }
  });

  it('ends with an error where any operation fails, and comes to the same end the next time', () => {
    const kinds: DiskOperationName[] = [
      'open',
      'read',
      'readFile',
      'size',
      'list',
      'append',
      'sync',
      'writeFileAtomic',
      'remove',
      'rename',
    ];
    for (const kind of kinds) {
      for (let nth = 1; ; nth++) {
        const rig = crashed(nth);
        let asked = 0;
        rig.boot();
        rig.storage.faults = (operation) => (operation === kind && ++asked === nth ? 'io' : undefined);
        const answers: (EventLogError | undefined)[] = [];
        rig.log.open(new Visited(), 'refuse', (error) => answers.push(error));
        rig.settle();
        rig.storage.faults = () => undefined;
        if (asked < nth) break;
        expect(answers[0]).toMatchObject({ code: 'io' });
        expect(numbersOf(rig.reopen().visited)).toEqual(range(1, LAST));
      }
    }
  });

  it('removes what a crash has left over: older checkpoints and segments, unfinished ones, its own copies', () => {
    const rig = crashed();
    const { firstSegment } = rig.log;
    const left = [segmentPath(1), checkpointPath(9), `${segmentPath(2)}.settling`, `${checkpointPath(1)}.settling`];
    for (const path of left) rig.put(path, new Uint8Array(100));
    expect(firstSegment).toBeGreaterThan(1);
    expect(numbersOf(rig.reopen().visited)).toEqual(range(1, LAST));
    for (const path of left) expect(rig.storage.files.has(path)).toBe(false);
  });

  it('does not rely on a checkpoint that is complete and that no manifest names', () => {
    const rig = new LogRig({ segmentBytes: 400 });
    rig.open();
    rig.appendEach(range(1, 10), 40);
    rig.storage.faults = (operation, path) => (operation === 'writeFileAtomic' && path === MANIFEST ? 'io' : undefined);
    expect(rig.checkpoint(range(1, 10), 10, 40)).toMatchObject({ code: 'io' });
    rig.storage.faults = () => undefined;
    expect(rig.storage.files.has(checkpointPath(1))).toBe(true);
    rig.appendEach([11]);
    const first = rig.reopen();
    expect(first.report.checkpoint).toBe(0);
    expect(first.visited.log).toEqual(range(1, 11));
    expect(rig.storage.files.has(checkpointPath(1))).toBe(false);
    rig.checkpoint(range(1, 11), 11);
    expect(rig.log.checkpoint.number).toBe(2);
  });

  it('makes a checkpoint durable that only its footer proves', () => {
    const rig = crashed();
    rig.boot();
    rig.remove(MANIFEST);
    rig.open();
    rig.crash('lost');
    const visited = new Visited();
    expect(rig.open(visited).checkpoint).toBe(1);
    expect(visited.shards).toHaveLength(1);
  });

  it('reports as damage what the visitor cannot take', () => {
    const rig = crashed();
    rig.boot();
    const visited = new Visited();
    const take = visited.onLogRecords;
    visited.onLogRecords = (...args) => {
      take(...args);
      if (visited.log.at(-1) === 25) throw new DecodeError('no such event');
    };
    const error = errorOf(() => rig.open(visited));
    expect(error).toMatchObject({ code: 'damaged', problem: 'no such event' });
    expect(error.offset).toBeGreaterThan(0);
    rig.boot();
    const other = new Visited();
    other.onShard = () => {
      throw new DecodeError('no such shard');
    };
    expect(errorOf(() => rig.open(other))).toMatchObject({ path: checkpointPath(1), problem: 'no such shard' });
    rig.boot();
    const broken = new Visited();
    broken.onLogRecords = () => {
      throw new TypeError('a defect');
    };
    expect(() => rig.open(broken)).toThrow(TypeError);
  });

  it.each(['segment', 'checkpoint', 'manifest'] as const)(
    'refuses a %s of a later release, and changes nothing',
    (kind) => {
      const rig = crashed();
      const paths = { segment: segmentPath(rig.log.end.segment), checkpoint: checkpointPath(1), manifest: MANIFEST };
      const path = paths[kind];
      const headBytes = { segment: 40, checkpoint: 36, manifest: 52 }[kind];
      rig.change(path, (bytes) => {
        bytes[4] = 2;
        new DataView(bytes.buffer).setUint32(headBytes - 4, crc32(bytes, 0, headBytes - 4), true);
        return bytes;
      });
      const before = rig.snapshot();
      for (const onDamage of ['refuse', 'stop-there'] as const) {
        expect(errorOf(() => rig.reopen(onDamage))).toMatchObject({ code: 'unsupported', path });
      }
      expect(rig.snapshot()).toEqual(before);
    },
  );
});

describe('stop-there', () => {
  it('ends at damage in the middle, keeps what follows aside, and goes on behind it', () => {
    const rig = crashed();
    const path = segmentPath(rig.log.end.segment - 1);
    const whole = rig.read(path);
    rig.change(path, (bytes) => bytes.with(150, bytes[150] ^ 1));
    expect(errorOf(() => rig.reopen())).toMatchObject({ code: 'damaged', path });
    const { visited, report } = rig.reopen('stop-there');
    const numbers = numbersOf(visited);
    expect(numbers).toEqual(range(1, numbers.length));
    const { lost } = report;
    expect(lost).toMatchObject({ path });
    expect(lost!.setAside).toEqual([`${path}.damaged`, `${segmentPath(rig.log.end.segment + 1)}.damaged`]);
    const aside = rig.read(lost!.setAside[0]);
    expect(aside.length).toBe(whole.length - lost!.offset);
    rig.append([99], 40);
    rig.settle();
    const next = rig.reopen();
    expect(numbersOf(next.visited)).toEqual([...numbers, 99]);
    expect(next.report.lost).toBeUndefined();
  });

  it('ends before a segment that is missing', () => {
    const rig = crashed();
    const missing = rig.log.end.segment - 1;
    rig.remove(segmentPath(missing));
    const { visited, report } = rig.reopen('stop-there');
    expect(report.lost).toMatchObject({ path: segmentPath(missing) });
    const numbers = numbersOf(visited);
    rig.append([99]);
    rig.settle();
    expect(numbersOf(rig.reopen().visited)).toEqual([...numbers, 99]);
  });

  it('ends at a header that does not read, and keeps the whole segment aside', () => {
    const rig = crashed();
    const path = segmentPath(rig.log.end.segment - 1);
    const whole = rig.read(path);
    rig.change(path, (bytes) => bytes.with(9, 77));
    const { report } = rig.reopen('stop-there');
    expect(report.lost).toMatchObject({ path, offset: 0 });
    expect(rig.read(`${path}.damaged`).length).toBe(whole.length);
    rig.append([99]);
    rig.settle();
    expect(rig.reopen().visited.log.at(-1)).toBe(99);
  });

  it('begins anew behind a checkpoint that does not read', () => {
    const rig = crashed();
    rig.change(checkpointPath(1), (bytes) => bytes.with(80, bytes[80] ^ 1));
    const { visited, report } = rig.reopen('stop-there');
    expect(visited).toMatchObject({ shards: [], log: [] });
    expect(report).toMatchObject({ checkpoint: 0, lost: { path: checkpointPath(1) } });
    expect(rig.files().filter((name) => !name.endsWith('.damaged'))).toEqual(['MANIFEST']);
    rig.append([99]);
    rig.settle();
    rig.checkpoint([99], 99);
    expect(rig.log.checkpoint.number).toBe(2);
    expect(rig.reopen().visited.shards[0].numbers).toEqual([99]);
  });

  it('begins anew where nothing says what was before, and again', () => {
    const rig = crashed();
    rig.remove(MANIFEST);
    rig.remove(checkpointPath(1));
    const { report } = rig.reopen('stop-there');
    expect(report.lost).toMatchObject({ problem: expect.stringContaining('the oldest segment is number') });
    rig.append([99]);
    rig.settle();
    expect(rig.reopen().visited.log).toEqual([99]);
  });

  it('may be stopped by a crash at any operation, and ends there then', () => {
    for (let operations = 0; ; operations++) {
      const rig = crashed(operations);
      const path = segmentPath(rig.log.end.segment - 1);
      rig.change(path, (bytes) => bytes.with(150, bytes[150] ^ 1));
      rig.boot();
      let isOpen = false;
      rig.log.open(new Visited(), 'stop-there', () => (isOpen = true));
      for (let i = 0; i < operations; i++) rig.queue.step();
      rig.crash('lost');
      const visited = new Visited();
      rig.open(visited, 'stop-there');
      const numbers = numbersOf(visited);
      expect(numbers).toEqual(range(1, numbers.length));
      expect(numbers.length).toBeGreaterThanOrEqual(15);
      expect(rig.files().some((name) => name.endsWith('.damaged'))).toBe(true);
      rig.append([99]);
      rig.settle();
      expect(numbersOf(rig.reopen().visited)).toEqual([...numbers, 99]);
      if (isOpen) break;
    }
  });
});

describe('ReplayFilter', () => {
  it('knows by position what a checkpoint contains', () => {
    const filter = new ReplayFilter();
    filter.add({ storeId: 2, partition: 7, group: 1, epoch: 3, sequence: 100 });
    expect(filter.contains(2, 7, 3, 100)).toBe(true);
    expect(filter.contains(2, 7, 3, 101)).toBe(false);
    expect(filter.contains(2, 7, 2, 500)).toBe(true);
    expect(filter.contains(2, 7, 4, 1)).toBe(false);
    expect(filter.contains(2, 8, 1, 1)).toBe(false);
    expect(filter.contains(1, 7, 1, 1)).toBe(false);
    filter.clear();
    expect(filter.contains(2, 7, 3, 100)).toBe(false);
  });
});
