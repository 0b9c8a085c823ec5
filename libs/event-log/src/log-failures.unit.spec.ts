import type { DiskErrorCode } from '#libs/ports';
import type { DiskOperationName } from '#libs/simulator';
import { LogRig, range, segmentPath } from './log-rig.support.spec.js';

/** Makes the n-th operation of a kind fail, and `times` in all; answers how many of them there were. */
function failFrom(rig: LogRig, kind: DiskOperationName, nth: number, code: DiskErrorCode, times = 1): () => number {
  let asked = 0;
  rig.storage.faults = (operation) => {
    if (operation !== kind) return undefined;
    asked++;
    return asked >= nth && asked < nth + times ? code : undefined;
  };
  return () => asked;
}

/** Time passes, the disk does what it is asked for, and the host takes the checkpoints that are due. */
function heal(rig: LogRig, contains: readonly number[]): void {
  for (let ms = 100; ms < 60_000 && rig.log.state !== 'writing'; ms += 100) {
    rig.log.tick(ms);
    rig.settle();
    if (rig.log.checkpointIsDue) rig.checkpoint(contains, contains.at(-1)!);
  }
  expect(rig.log.state).toBe('writing');
}

/** What a recovery knows: the checkpoint's records and the log's, without those that the checkpoint contains. */
function recovered(rig: LogRig): number[] {
  rig.storage.faults = () => undefined;
  const { visited } = rig.reopen();
  const [shard] = visited.shards;
  if (shard === undefined) return visited.log;
  return [...shard.numbers, ...visited.log.filter((number) => number > shard.start.sequence)];
}

const CODES = ['no-space', 'io'] as const;

describe('an append that fails', () => {
  it.each(CODES)('%s: names what is not kept, keeps it for later, and goes on in a new segment', (code) => {
    const rig = new LogRig();
    rig.open();
    rig.appendEach([1, 2]);
    failFrom(rig, 'append', 1, code, 3);
    rig.append([3]);
    rig.append([4]);
    rig.settle();
    expect(rig.heard.failures).toMatchObject([{ error: { code }, from: 3, to: 4, needsCheckpoint: false }]);
    expect(rig.log).toMatchObject({ state: 'refusing', isAccepting: false, checkpointIsDue: false });
    expect(
      rig.log.beginCheckpoint(
        () => undefined,
        () => undefined,
      ),
    ).toBeUndefined();
    rig.append([5]);
    heal(rig, []);
    expect(rig.heard).toMatchObject({ durable: 5, writing: 1 });
    expect(rig.heard.failures).toHaveLength(3);
    expect(rig.log.end.segment).toBe(2);
    rig.appendEach([6]);
    expect(recovered(rig)).toEqual(range(1, 6));
  });

  it('waits longer and longer before it tries again', () => {
    const rig = new LogRig();
    rig.open();
    rig.appendEach([1]);
    rig.storage.faults = (operation) => (operation === 'append' ? 'no-space' : undefined);
    rig.append([2]);
    rig.settle();
    const tries: number[] = [];
    for (let ms = 50; ms <= 30_000; ms += 50) {
      const before = rig.heard.failures.length;
      rig.log.tick(ms);
      rig.settle();
      if (rig.heard.failures.length > before) tries.push(ms);
    }
    const waits = tries.map((ms, at) => ms - (tries[at - 1] ?? 0));
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000].slice(0, waits.length));
    expect(waits.length).toBeGreaterThan(7);
  });

  it.each(CODES)('%s at any call, torn anywhere: nothing is lost, doubled or out of order', (code) => {
    for (let nth = 1; ; nth++) {
      const rig = new LogRig({ segmentBytes: 200 }, nth);
      rig.storage.tearsFailedAppends = true;
      rig.open();
      const asked = failFrom(rig, 'append', nth, code);
      for (const number of range(1, 12)) {
        rig.append([number]);
        if (number % 3 === 0) rig.settle();
      }
      rig.settle();
      heal(rig, []);
      expect(rig.heard.durable).toBe(12);
      expect(recovered(rig)).toEqual(range(1, 12));
      if (asked() < nth) break;
    }
  });

  it('before anything was ever written is one like any other', () => {
    const rig = new LogRig({ policy: 'everysec' });
    rig.open();
    failFrom(rig, 'append', 1, 'no-space');
    rig.append([1]);
    rig.settle();
    expect(rig.log.state).toBe('refusing');
    heal(rig, []);
    expect(rig.log.end.segment).toBe(1);
    expect(recovered(rig)).toEqual([1]);
  });

  it('leaves a segment that is whole at the next start, also where the process ends first', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rig = new LogRig({}, seed);
      rig.storage.tearsFailedAppends = true;
      rig.open();
      rig.appendEach([1, 2]);
      failFrom(rig, 'append', 1, 'io', 99);
      rig.append([3]);
      rig.settle();
      rig.storage.faults = () => undefined;
      const { visited } = rig.reopen();
      // What failed may have got there as a whole.
      expect([range(1, 2), range(1, 3)]).toContainEqual(visited.log);
    }
  });
});

describe('a sync that fails', () => {
  it('is never taken for a success: all in doubt is named, and only a checkpoint ends the refusing', () => {
    const rig = new LogRig();
    rig.open();
    rig.appendEach([1, 2]);
    failFrom(rig, 'sync', 1, 'io');
    rig.append([3]);
    rig.append([4]);
    rig.settle();
    expect(rig.heard.failures).toMatchObject([{ from: 3, needsCheckpoint: true }]);
    expect(rig.heard).toMatchObject({ durable: 2, synced: 2 });
    rig.log.tick(200);
    rig.settle();
    rig.append([5]);
    rig.settle();
    expect(rig.log).toMatchObject({ state: 'refusing', checkpointIsDue: true });
    expect(rig.heard.durable).toBe(2);
    expect(rig.checkpoint(range(1, 5), 5)).toBeUndefined();
    expect(rig.log.state).toBe('writing');
    expect(rig.heard).toMatchObject({ durable: 5, writing: 1 });
    rig.crash('lost');
    rig.open();
    expect(recovered(rig)).toEqual(range(1, 5));
  });

  it('names under everysec also what was acknowledged and is in doubt now', () => {
    const rig = new LogRig({ policy: 'everysec' });
    rig.open();
    rig.appendEach([1, 2, 3]);
    expect(rig.heard.durable).toBe(3);
    failFrom(rig, 'sync', 1, 'io');
    rig.log.tick(5_000);
    rig.settle();
    expect(rig.heard.failures).toMatchObject([{ from: 1, to: 3, needsCheckpoint: true }]);
  });

  it.each(['always', 'everysec', 'no'] as const)(
    'at any call, under %s, loses nothing that was acknowledged',
    (policy) => {
      for (let nth = 1; ; nth++) {
        const rig = new LogRig({ policy, segmentBytes: 200 }, nth);
        rig.storage.forgetsSyncErrors = true;
        rig.open();
        const asked = failFrom(rig, 'sync', nth, 'io');
        let nowMs = 0;
        const held: number[] = [];
        for (const number of range(1, 12)) {
          rig.append([number]);
          held.push(number);
          rig.log.tick((nowMs += 400));
          if (number % 3 === 0) rig.settle();
          if (number % 4 === 0 && rig.log.checkpointIsDue) rig.checkpoint(held, number);
        }
        rig.settle();
        heal(rig, held);
        rig.close();
        rig.crash('lost');
        rig.open();
        expect(recovered(rig)).toEqual(range(1, 12));
        if (asked() < nth) break;
      }
    },
  );

  it('during a checkpoint leaves the last one in its place', () => {
    const rig = new LogRig({ segmentBytes: 100 });
    rig.open();
    rig.appendEach([1, 2]);
    rig.checkpoint([1, 2], 2);
    rig.appendEach([3]);
    const writer = rig.log.beginCheckpoint(
      () => undefined,
      (error) => expect(error).toMatchObject({ code: 'incomplete' }),
    )!;
    failFrom(rig, 'sync', 1, 'io');
    rig.appendEach([4]);
    rig.log.tick(10);
    rig.settle();
    expect(writer.isOver).toBe(true);
    heal(rig, range(1, 4));
    expect(rig.log.statistics).toMatchObject({ checkpoints: 2, failedCheckpoints: 1 });
    expect(recovered(rig)).toEqual(range(1, 4));
    expect.assertions(5);
  });
});

describe('a disk that fails altogether', () => {
  it.each(['writeFileAtomic', 'open', 'list', 'readFile'] as const)(
    'by %s: opening ends with an error that names it',
    (kind) => {
      const rig = new LogRig();
      rig.open();
      rig.appendEach([1]);
      rig.boot();
      failFrom(rig, kind, 1, 'io', 99);
      expect(() => rig.open()).toThrow('See to the disk');
      expect(rig.log.state).toBe('closed');
      rig.storage.faults = () => undefined;
      expect(rig.reopen().visited.log).toEqual([1]);
    },
  );

  it('ends a log with the error, and gives the files back', () => {
    const rig = new LogRig();
    rig.open();
    rig.appendEach([1]);
    failFrom(rig, 'append', 1, 'io', 99);
    rig.append([2]);
    rig.settle();
    expect(rig.close()).toMatchObject({ code: 'io' });
    expect(rig.log.state).toBe('closed');
    rig.log.tick(10_000);
    rig.settle();
    rig.storage.faults = () => undefined;
    expect(rig.reopen().report.endedCleanly).toBe(false);
  });

  it('says so where what is no longer needed cannot be removed, and the next start removes it', () => {
    const rig = new LogRig({ segmentBytes: 100 });
    rig.open();
    rig.appendEach(range(1, 4));
    failFrom(rig, 'remove', 1, 'io', 99);
    rig.checkpoint(range(1, 4), 4);
    expect(rig.heard.removals.length).toBeGreaterThan(0);
    rig.storage.faults = () => undefined;
    expect(rig.storage.files.has(segmentPath(1))).toBe(true);
    rig.reopen();
    expect(rig.storage.files.has(segmentPath(1))).toBe(false);
  });
});
