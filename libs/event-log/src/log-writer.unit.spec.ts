import { EVENT_LOG_BOUNDS, REFUSED } from './index.js';
import { LogRig, range, records, segmentPath } from './log-rig.support.spec.js';

/** A rig whose log is open. */
function opened(options: ConstructorParameters<typeof LogRig>[0] = {}): LogRig {
  const rig = new LogRig(options);
  rig.open();
  return rig;
}

/** Lets operations of one kind last until they are released, all others pass. */
function holding(rig: LogRig, held: string): { release(): void } {
  const { storage } = rig;
  storage.delayMs = (operation) => (operation === held ? 1e9 : 0.1);
  return {
    release: () => {
      storage.delayMs = () => 0.1;
      rig.queue.runFor(1e9);
    },
  };
}

describe('a log', () => {
  it('keeps batches over restarts, in their order and with their times', () => {
    const rig = new LogRig();
    expect(rig.open()).toMatchObject({ isNew: true, logId: 4711, batches: 0, endedCleanly: true });
    rig.appendEach(range(1, 3));
    rig.append([4, 5]);
    rig.settle();
    const first = rig.reopen();
    expect(first.visited.log).toEqual([1, 2, 3, 4, 5]);
    expect(first.visited.times.map(([wallMs]) => wallMs)).toEqual([1_000_001, 1_000_002, 1_000_003, 1_000_004]);
    expect(first.report).toMatchObject({ isNew: false, batches: 4, endedCleanly: false, cut: undefined });
    rig.appendEach([6]);
    expect(rig.close()).toBeUndefined();
    const second = rig.reopen();
    expect(second.visited.log).toEqual([1, 2, 3, 4, 5, 6]);
    expect(second.report).toMatchObject({ endedCleanly: true, latest: { wallMs: 1_000_006, logical: 0 } });
  });

  it('copies what it is given at once', () => {
    const rig = opened();
    const bytes = records([1]);
    rig.log.append(bytes, 0, bytes.length, 5, 0);
    bytes.fill(0xff);
    rig.settle();
    expect(rig.reopen().visited.log).toEqual([1]);
  });

  it('keeps times of all 64 bits as they are given, and reports the latest', () => {
    const rig = opened();
    const bytes = records([1]);
    const times = [
      [2 ** 48 - 2, 2 ** 16 - 1],
      [2 ** 48 - 1, 0],
      [1, 7],
    ];
    for (const [wallMs, logical] of times) rig.log.append(bytes, 0, bytes.length, wallMs, logical);
    rig.settle();
    const { visited, report } = rig.reopen();
    expect(visited.times).toEqual(times);
    expect(report.latest).toEqual({ wallMs: 2 ** 48 - 1, logical: 0 });
  });

  it('knows the latest time also where only a checkpoint has it, and the clock was set back since', () => {
    const rig = opened({ segmentBytes: 100 });
    rig.appendEach([900]);
    rig.append([1]);
    rig.settle();
    rig.checkpoint([1], 1);
    rig.reopen();
    rig.appendEach([2]);
    rig.checkpoint([1], 1);
    expect(rig.reopen().report.latest).toEqual({ wallMs: 1_000_900, logical: 0 });
  });

  it('writes together what comes while a write is under way', () => {
    const rig = opened();
    for (const number of range(1, 10)) expect(rig.append([number])).toBe(number);
    expect(rig.heard.written).toBe(0);
    rig.settle();
    expect(rig.log.statistics).toMatchObject({ batches: 10, writes: 2, syncs: 2 });
    expect(rig.heard).toMatchObject({ written: 10, synced: 10, durable: 10 });
    expect(rig.reopen().visited.log).toEqual(range(1, 10));
  });

  it('grows and shrinks with what it is given', () => {
    const rig = opened();
    rig.append([1], 6 * 1024 * 1024);
    rig.append([2], 5 * 1024 * 1024);
    rig.appendEach(range(3, 5));
    expect(rig.log.pendingBytes).toBe(0);
    expect(rig.reopen().visited.log).toEqual(range(1, 5));
  });

  it('refuses input that is no batch', () => {
    const rig = opened();
    const append = (length: number, wallMs: number, logical: number) => () =>
      rig.log.append(records([1]), 0, length, wallMs, logical);
    expect(append(0, 1, 1)).toThrow('are no records');
    expect(append(28, 2 ** 48, 1)).toThrow('does not fit');
    expect(append(28, 1, 2 ** 16)).toThrow('does not fit');
    expect(() => rig.log.unpin(1)).toThrow('not pinned');
    rig.close();
    expect(append(28, 1, 1)).toThrow('closed');
    expect(() => rig.log.close(() => undefined)).toThrow('only an open log');
    expect(() => rig.open()).toThrow('opened once');
  });
});

describe('appendfsync', () => {
  it('always: acknowledges what is synced, one sync for all that was written together', () => {
    const rig = opened();
    const held = holding(rig, 'sync');
    rig.append([1]);
    rig.queue.runFor(10);
    expect(rig.heard).toMatchObject({ written: 1, synced: 0, durable: 0 });
    rig.append([2]);
    rig.append([3]);
    rig.queue.runFor(10);
    expect(rig.heard.written).toBe(1);
    held.release();
    rig.settle();
    expect(rig.heard).toMatchObject({ written: 3, synced: 3, durable: 3 });
    expect(rig.log.statistics).toMatchObject({ writes: 2, syncs: 2 });
  });

  it('everysec: acknowledges what is written, and syncs once a second while appends go on', () => {
    const rig = opened({ policy: 'everysec' });
    rig.log.tick(10_000);
    rig.appendEach([1]);
    expect(rig.heard).toMatchObject({ written: 1, synced: 0, durable: 1 });
    rig.log.tick(10_050);
    rig.settle();
    expect(rig.heard.synced).toBe(1);
    rig.appendEach([2]);
    for (let ms = 10_100; ms < 11_050; ms += 50) rig.log.tick(ms);
    rig.settle();
    expect(rig.heard).toMatchObject({ synced: 1, durable: 2 });
    const held = holding(rig, 'sync');
    rig.log.tick(11_050);
    rig.append([3]);
    rig.queue.runFor(10);
    expect(rig.heard).toMatchObject({ written: 3, synced: 1, durable: 3 });
    rig.log.tick(12_100);
    held.release();
    expect(rig.heard.synced).toBe(2);
    rig.log.tick(12_150);
    rig.settle();
    expect(rig.heard.synced).toBe(3);
    rig.log.tick(20_000);
    rig.settle();
    expect(rig.log.statistics.syncs).toBe(3);
  });

  it('no: syncs a segment when it is done with, and at the end', () => {
    const rig = opened({ policy: 'no', segmentBytes: 300 });
    rig.appendEach(range(1, 3));
    rig.log.tick(100_000);
    rig.settle();
    expect(rig.heard).toMatchObject({ durable: 3, synced: 0 });
    rig.appendEach(range(4, 8));
    expect(rig.heard.durable).toBe(8);
    expect(rig.heard.synced).toBeGreaterThanOrEqual(4);
    rig.close();
    expect(rig.heard.synced).toBe(8);
  });

  it('may be changed while the log is in use', () => {
    const rig = opened({ policy: 'no' });
    rig.appendEach([1]);
    rig.log.setPolicy('always');
    rig.settle();
    expect(rig.heard).toMatchObject({ synced: 1, durable: 1 });
    const held = holding(rig, 'sync');
    rig.append([2]);
    rig.queue.runFor(10);
    expect(rig.heard.durable).toBe(1);
    rig.log.setPolicy('everysec');
    expect(rig.heard).toMatchObject({ synced: 1, durable: 2 });
    held.release();
    rig.settle();
    expect(rig.heard.synced).toBe(2);
  });
});

describe('segments', () => {
  it('follow each other once they are full, and one batch may be longer than a segment', () => {
    const rig = opened({ segmentBytes: 300 });
    rig.appendEach(range(1, 10));
    rig.appendEach([11], 2_000);
    rig.appendEach([12]);
    expect(rig.log.statistics.rotations).toBeGreaterThan(2);
    expect(rig.log.end.segment).toBe(rig.log.statistics.rotations + 1);
    expect(rig.reopen().visited.log).toEqual(range(1, 12));
  });

  it('are begun ahead, and appends go on in the old one where that takes long', () => {
    const rig = opened({ segmentBytes: 300 });
    const held = holding(rig, 'writeFileAtomic');
    for (const number of range(1, 30)) {
      rig.append([number]);
      rig.queue.runFor(10);
    }
    expect(rig.heard.durable).toBe(30);
    expect(rig.log.end.segment).toBe(1);
    held.release();
    rig.appendEach(range(31, 40));
    expect(rig.log.end.segment).toBeGreaterThan(1);
    expect(rig.reopen().visited.log).toEqual(range(1, 40));
  });

  it('are begun later where the disk does not let it, and nothing fails for that', () => {
    const rig = opened({ segmentBytes: 300 });
    rig.storage.faults = (operation) => (operation === 'writeFileAtomic' ? 'no-space' : undefined);
    rig.appendEach(range(1, 20));
    expect(rig.heard).toMatchObject({ durable: 20, failures: [] });
    rig.storage.faults = () => undefined;
    rig.log.tick(50);
    rig.settle();
    rig.log.tick(10_000);
    rig.settle();
    rig.appendEach([21]);
    expect(rig.log.end.segment).toBe(2);
    expect(rig.reopen().visited.log).toEqual(range(1, 21));
  });

  it('count as far as their successor says', () => {
    const rig = opened({ segmentBytes: 100 });
    rig.appendEach(range(1, 4));
    rig.change(segmentPath(1), (bytes) => new Uint8Array([...bytes, ...bytes.subarray(36)]));
    expect(rig.reopen().visited.log).toEqual(range(1, 4));
  });
});

describe('pushing back', () => {
  it('begins where much waits, and ends where the disk has taken it', () => {
    const rig = opened({ pushBackBytes: 1_000 });
    const held = holding(rig, 'append');
    for (const number of range(1, 15)) rig.append([number]);
    expect(rig.log.isAccepting).toBe(true);
    for (const number of range(16, 30)) rig.append([number]);
    expect(rig.log).toMatchObject({ isAccepting: false, state: 'writing' });
    expect(rig.log.pendingBytes).toBeGreaterThan(1_000);
    held.release();
    rig.settle();
    expect(rig.log.isAccepting).toBe(true);
    expect(rig.reopen().visited.log).toEqual(range(1, 30));
  });

  it('is no longer possible beyond the bound: the batch is refused, and the log is not whole without a checkpoint', () => {
    const rig = opened();
    rig.appendEach([1]);
    const tooLong = EVENT_LOG_BOUNDS.maxBatchBytes + 1;
    expect(rig.log.append(new Uint8Array(0), 0, tooLong, 1, 1)).toBe(REFUSED);
    expect(rig.log.append(new Uint8Array(0), 0, tooLong, 1, 1)).toBe(REFUSED);
    expect(rig.log).toMatchObject({ state: 'refusing', isAccepting: false });
    expect(rig.heard.failures).toMatchObject([{ error: { code: 'overrun' }, from: 2, to: 1, needsCheckpoint: true }]);
    expect(rig.log.statistics.refusedBatches).toBe(2);
    rig.settle();
    rig.log.tick(1_000);
    rig.settle();
    rig.appendEach([3]);
    expect(rig.log).toMatchObject({ state: 'refusing', checkpointIsDue: true });
    expect(rig.heard).toMatchObject({ written: 2, durable: 1, writing: 0 });
    expect(rig.checkpoint([1, 2, 3], 3)).toBeUndefined();
    expect(rig.log.state).toBe('writing');
    expect(rig.heard).toMatchObject({ durable: 2, writing: 1 });
    const { visited } = rig.reopen();
    expect(visited.shards[0].numbers).toEqual([1, 2, 3]);
  });

  it('leaves out, after a crash, what was logged behind the place where something is missing', () => {
    const rig = opened();
    rig.appendEach([1]);
    rig.log.append(new Uint8Array(0), 0, EVENT_LOG_BOUNDS.maxBatchBytes + 1, 1, 1);
    rig.log.tick(1_000);
    rig.settle();
    rig.appendEach([3]);
    const { visited, report } = rig.reopen();
    expect(visited.log).toEqual([1]);
    expect(report.cut).toMatchObject({ path: segmentPath(2), problem: 'it does not continue the segment before it' });
  });

  it('leaves nothing behind that comes up later: what arrived too late is cut for good', () => {
    const rig = opened();
    rig.appendEach([1]);
    // The manifest says from now on that all of this is durable.
    rig.checkpoint([1], 1);
    const held = holding(rig, 'append');
    rig.append([2]);
    rig.log.append(new Uint8Array(0), 0, EVENT_LOG_BOUNDS.maxBatchBytes + 1, 1, 1);
    held.release();
    rig.log.tick(1_000);
    rig.settle();
    expect(rig.log.end.segment).toBe(2);
    expect(rig.reopen().visited.log).toEqual([1]);
    expect(rig.reopen().visited.log).toEqual([1]);
  });
});
