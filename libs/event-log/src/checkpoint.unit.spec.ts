import { EVENT_LOG_BOUNDS, type CheckpointWriter } from './index.js';
import { checkpointPath, LogRig, MANIFEST, range, records, segmentPath, STORE } from './log-rig.support.spec.js';

const KIB = 1024;
const SHARD = { storeId: STORE, partition: 0, group: 1, epoch: 3, sequence: 0 };

function opened(options: ConstructorParameters<typeof LogRig>[0] = {}): LogRig {
  const rig = new LogRig(options);
  rig.open();
  return rig;
}

interface Begun {
  readonly writer: CheckpointWriter;
  rooms: number;
  readonly ends: (Error | undefined)[];
}

function begin(rig: LogRig): Begun {
  const ends: (Error | undefined)[] = [];
  const begun = { rooms: 0, ends };
  const writer = rig.log.beginCheckpoint(
    () => begun.rooms++,
    (error) => ends.push(error),
  )!;
  rig.settle();
  return Object.assign(begun, { writer });
}

describe('a checkpoint', () => {
  it('holds shards of many stores and partitions, also empty ones', () => {
    const rig = opened();
    const starts = [
      { storeId: 0, partition: 0, group: 0, epoch: 0, sequence: 0 },
      { storeId: 65_535, partition: 16_383, group: 255, epoch: 2 ** 32 - 1, sequence: 2 ** 53 - 1 },
      { storeId: 7, partition: 12, group: 3, epoch: 9, sequence: 2 ** 40 },
    ];
    const { writer, ends } = begin(rig);
    for (const [at, start] of starts.entries()) {
      writer.shard(start);
      if (at > 0) writer.records(records(range(1, at)), 0, at * 32);
      writer.shardEnd();
    }
    writer.finish();
    rig.settle();
    expect(ends).toEqual([undefined]);
    const { visited, report } = rig.reopen();
    expect(visited.shards.map(({ start }) => start)).toEqual(starts);
    expect(visited.shards.map(({ numbers }) => numbers)).toEqual([[], [1], [1, 2]]);
    expect(report).toMatchObject({ checkpoint: 1, checkpointBytes: writer.bytes });
  });

  it('takes records while there is room, and says when there is room again', () => {
    const rig = opened();
    const begun = begin(rig);
    const { writer } = begun;
    expect([writer.hasRoom, begun.rooms]).toEqual([true, 1]);
    writer.shard(SHARD);
    const bytes = records([1], 100 * KIB);
    let taken = 0;
    for (; writer.hasRoom; taken++) writer.records(bytes, 0, bytes.length);
    // One buffer is being written, one is full.
    expect(taken * bytes.length).toBeGreaterThan(2 * EVENT_LOG_BOUNDS.checkpointWriteBytes);
    expect(taken * bytes.length).toBeLessThan(2 * EVENT_LOG_BOUNDS.checkpointWriteBytes + 2 * bytes.length);
    expect(() => writer.records(bytes, 0, bytes.length)).toThrow('while there is room');
    rig.settle();
    expect([writer.hasRoom, begun.rooms]).toEqual([true, 2]);
    for (; taken < 400; taken++) {
      while (!writer.hasRoom) rig.queue.step();
      writer.records(bytes, 0, bytes.length);
    }
    writer.shardEnd();
    writer.finish();
    rig.settle();
    expect(begun.ends).toEqual([undefined]);
    expect(rig.reopen().visited.shards[0].numbers).toHaveLength(400);
  });

  it('holds one record that is longer than a chunk, a buffer and a read', () => {
    const rig = opened();
    expect(rig.checkpoint([1, 2, 3], 3, 9 * KIB * KIB)).toBeUndefined();
    rig.append([4], 9 * KIB * KIB);
    rig.append([5]);
    rig.settle();
    const { visited } = rig.reopen();
    expect(visited.shards[0].numbers).toEqual([1, 2, 3]);
    expect(visited.log).toEqual([4, 5]);
  });

  it('is finished before its file is open, where there is nothing to wait for', () => {
    const rig = opened();
    const ends: unknown[] = [];
    const writer = rig.log.beginCheckpoint(
      () => undefined,
      (error) => ends.push(error),
    )!;
    writer.finish();
    rig.settle();
    expect(ends).toEqual([undefined]);
    expect(rig.reopen().report.checkpoint).toBe(1);
  });

  it('refuses to be used out of order', () => {
    const rig = opened();
    const { writer } = begin(rig);
    const bytes = records([1]);
    expect(() => writer.records(bytes, 0, bytes.length)).toThrow('records come for a shard');
    expect(() => writer.shardEnd()).toThrow('no shard was begun');
    writer.shard(SHARD);
    expect(() => writer.shard(SHARD)).toThrow('between two others');
    expect(() => writer.finish()).toThrow('after its last shard');
    expect(
      rig.log.beginCheckpoint(
        () => undefined,
        () => undefined,
      ),
    ).toBeUndefined();
  });

  it('waits for the log, so that it never shows what the log does not have', () => {
    const rig = opened({ policy: 'no' });
    rig.appendEach([1, 2]);
    const { writer, ends } = begin(rig);
    writer.finish();
    rig.storage.delayMs = (operation) => (operation === 'sync' ? 1e9 : 0.1);
    rig.queue.runFor(1_000);
    expect(ends).toEqual([]);
    rig.storage.delayMs = () => 0.1;
    rig.settle();
    expect(ends).toEqual([undefined]);
    rig.crash('lost');
    rig.open();
    expect(rig.log.end.bytes).toBeGreaterThan(100);
  });

  it('lets the segments and the checkpoint before it go', () => {
    const rig = opened({ segmentBytes: 300 });
    rig.appendEach(range(1, 10));
    rig.checkpoint(range(1, 10), 10);
    expect(rig.log.firstSegment).toBe(rig.log.checkpoint.firstSegment);
    rig.appendEach(range(11, 20));
    rig.checkpoint(range(1, 20), 20);
    rig.appendEach([21]);
    const { segment } = rig.log.end;
    expect(rig.log.checkpoint).toMatchObject({ number: 2, firstSegment: segment });
    expect(rig.files()).toEqual(['MANIFEST', checkpointPath(2).slice(7), segmentPath(segment).slice(7)]);
    const { visited } = rig.reopen();
    expect([...visited.shards[0].numbers, ...visited.log.filter((number) => number > 20)]).toEqual(range(1, 21));
  });

  it('keeps segments that are pinned, and all behind them, until they are not', () => {
    const rig = opened({ segmentBytes: 100 });
    rig.appendEach(range(1, 12));
    const first = 3;
    expect(rig.log.pin(first)).toBe(true);
    expect(rig.log.pin(first)).toBe(true);
    rig.checkpoint(range(1, 12), 12);
    expect(rig.log.firstSegment).toBe(first);
    expect(rig.log.pin(first - 1)).toBe(false);
    rig.log.unpin(first);
    rig.settle();
    expect(rig.log.firstSegment).toBe(first);
    rig.log.unpin(first);
    rig.settle();
    expect(rig.log.firstSegment).toBe(rig.log.checkpoint.firstSegment);
    expect(rig.storage.files.has(segmentPath(first))).toBe(false);
  });

  it('goes on where it began with a segment that nothing was written to', () => {
    const rig = opened({ segmentBytes: 100 });
    rig.appendEach([1, 2]);
    rig.reopen();
    rig.checkpoint([1, 2], 2);
    expect(rig.files()).toEqual(['MANIFEST', checkpointPath(1).slice(7)]);
    rig.reopen();
    rig.appendEach([3]);
    rig.close();
    const { visited, report } = rig.reopen();
    expect(visited.shards[0].numbers).toEqual([1, 2]);
    expect(visited.log).toEqual([3]);
    expect(report.endedCleanly).toBe(true);
  });

  it('may be stopped by a crash at any operation, and then the last one counts', () => {
    for (const power of ['kept', 'lost'] as const) {
      for (let operations = 0; ; operations++) {
        const rig = new LogRig({ segmentBytes: 100 }, operations);
        rig.open();
        rig.appendEach(range(1, 4));
        rig.checkpoint(range(1, 4), 4);
        rig.appendEach(range(5, 8));
        let isDone = false;
        const writer = rig.log.beginCheckpoint(
          () => undefined,
          () => (isDone = true),
        )!;
        writer.finish();
        for (let i = 0; i < operations; i++) rig.queue.step();
        const mayStillRemove = isDone;
        rig.crash(power);
        rig.open();
        expect([1, 2]).toContain(rig.log.checkpoint.number);
        if (isDone) expect(rig.log.checkpoint.number).toBe(2);
        if (mayStillRemove && rig.queue.size === 0) break;
        if (operations > 80) break;
      }
    }
  });

  it('is given up where any operation fails, and the last one stays', () => {
    // Syncs on the way come with so many bytes only.
    const mebibytes = { open: 3, append: 3, sync: 34, writeFileAtomic: 3 };
    for (const kind of ['open', 'append', 'sync', 'writeFileAtomic'] as const) {
      const bytes = records([1], KIB * KIB);
      for (let nth = 1; ; nth++) {
        const rig = opened({ segmentBytes: 100_000 });
        rig.appendEach(range(1, 4));
        rig.checkpoint(range(1, 4), 4);
        let asked = 0;
        rig.storage.faults = (operation) => (operation === kind && ++asked === nth ? 'no-space' : undefined);
        const { writer, ends } = begin(rig);
        writer.shard(SHARD);
        for (let i = 0; i < mebibytes[kind] && !writer.isOver; i++) {
          while (!writer.hasRoom && rig.queue.step());
          writer.records(bytes, 0, bytes.length);
        }
        writer.shardEnd();
        writer.finish();
        rig.settle();
        rig.storage.faults = () => undefined;
        if (asked < nth) break;
        expect(ends).toMatchObject([{ code: 'no-space' }]);
        expect(rig.log.checkpoint.number).toBe(1);
        expect(rig.log).toMatchObject({ state: 'writing', checkpointIsDue: false });
        expect(rig.log.statistics).toMatchObject({ checkpoints: 1, failedCheckpoints: 1 });
        expect(rig.reopen().visited.shards[0].numbers).toEqual(range(1, 4));
      }
    }
  });

  it('is given up where the log is closed, or where the disk opens its file too late', () => {
    const rig = opened();
    const { writer, ends } = begin(rig);
    expect(rig.close()).toBeUndefined();
    expect(ends).toMatchObject([{ code: 'closed' }]);
    expect(writer.isOver).toBe(true);
    writer.shard(SHARD);
    writer.records(records([1]), 0, 32);
    writer.shardEnd();
    writer.finish();
    rig.reopen();
    rig.log.beginCheckpoint(
      () => ends.push(new Error('room')),
      () => undefined,
    );
    expect(rig.close()).toBeUndefined();
    expect(ends).toHaveLength(1);
    expect(rig.files().filter((name) => name.endsWith('.ckp'))).toEqual([]);
  });

  it('whose log was synced before something was lost counts, and does not end the refusing', () => {
    const rig = opened();
    rig.appendEach([1, 2]);
    const { writer, ends } = begin(rig);
    writer.finish();
    while (!writer.isLogSynced) rig.queue.step();
    let isHeld = false;
    rig.storage.delayMs = (operation) => {
      if (operation !== 'sync' || isHeld) return 0.1;
      isHeld = true;
      return 1e6;
    };
    rig.queue.runFor(1);
    expect(isHeld).toBe(true);
    rig.log.append(new Uint8Array(0), 0, 2 ** 31, 1, 1);
    rig.log.tick(1_000);
    rig.queue.runFor(100);
    rig.append([4]);
    rig.queue.runFor(100);
    expect([ends, rig.heard.synced]).toEqual([[], 3]);
    rig.settle();
    expect(ends).toEqual([undefined]);
    expect(rig.log).toMatchObject({ state: 'refusing', checkpointIsDue: true, checkpoint: { number: 1 } });
    const { visited, report } = rig.reopen();
    expect(report).toMatchObject({ checkpoint: 1, cut: { problem: 'it does not continue the segment before it' } });
    expect(visited.log).toEqual([1, 2]);
  });

  it('counts where the log is closed while the manifest is being written', () => {
    const rig = opened();
    rig.appendEach([1]);
    const { writer } = begin(rig);
    writer.finish();
    while (!writer.isOver) rig.queue.step();
    expect(rig.close()).toBeUndefined();
    const { report } = rig.reopen();
    expect(report).toMatchObject({ checkpoint: 1, endedCleanly: true });
  });
});

describe('when a checkpoint is due', () => {
  const options = { checkpointMinLogBytes: 1_000, checkpointFactor: 2, segmentBytes: 400 };

  it('follows from the log behind the last one, and from how long that one is', () => {
    const rig = opened(options);
    expect(rig.log.checkpointIsDue).toBe(false);
    rig.appendEach(range(1, 10));
    expect(rig.log.checkpointIsDue).toBe(false);
    rig.appendEach(range(11, 20));
    expect(rig.log.checkpointIsDue).toBe(true);
    rig.checkpoint(range(1, 20), 20, 100);
    expect(rig.log.checkpoint.bytes).toBeGreaterThan(2_000);
    expect(rig.log.checkpointIsDue).toBe(false);
    const { logBytes } = rig.log;
    expect(logBytes).toBeLessThan(500);
    while (rig.log.logBytes <= 2 * rig.log.checkpoint.bytes) {
      expect(rig.log.checkpointIsDue).toBe(false);
      rig.appendEach([21]);
    }
    expect(rig.log.checkpointIsDue).toBe(true);
    rig.reopen();
    expect(rig.log.checkpointIsDue).toBe(true);
  });

  it('waits after one that failed', () => {
    const rig = opened(options);
    rig.appendEach(range(1, 30));
    rig.storage.faults = (_, path) => (path.endsWith('.ckp') ? 'no-space' : undefined);
    expect(rig.checkpoint([], 0)).toMatchObject({ code: 'no-space' });
    rig.storage.faults = () => undefined;
    expect(rig.log.checkpointIsDue).toBe(false);
    rig.log.tick(EVENT_LOG_BOUNDS.firstRetryMs);
    expect(rig.log.checkpointIsDue).toBe(true);
    expect(rig.storage.files.has(MANIFEST)).toBe(true);
  });
});
