import { ManualTime } from '#libs/test-ports';
import { DEFAULT_RAFT_OPTIONS, raftTiming } from './raft-timing.js';
import { TickSource } from './tick-source.js';

describe('times in ticks', () => {
  it('are those of the thesis by default', () => {
    expect(raftTiming(DEFAULT_RAFT_OPTIONS)).toMatchObject({
      tickMs: 10,
      inTicks: { electionTicks: 15, electionSpreadTicks: 15, heartbeatTicks: 5 },
    });
  });

  it.each([
    [{ electionTimeoutMaxMs: 150 }, /longest election timeout/],
    [{ heartbeatMs: 100 }, /at least twice/],
    [{ compaction: { snapshotEvery: 5, keepEntries: 6 } }, /snapshot must be taken/],
  ])('are refused where they do not fit together: %j', (change, message) => {
    expect(() => raftTiming({ ...DEFAULT_RAFT_OPTIONS, ...change })).toThrow(message);
  });
});

describe('ticks', () => {
  it('are all delivered, late ones together, up to a bound after a pause', () => {
    const time = new ManualTime();
    const ticks = new TickSource(time, 10, 15);
    expect(ticks.due()).toBe(0);
    time.advance(9);
    expect(ticks.due()).toBe(0);
    time.advance(1);
    expect(ticks.due()).toBe(1);
    time.advance(35);
    expect(ticks.due()).toBe(3);
    time.advance(5);
    expect(ticks.due()).toBe(1);
    time.advance(60_000);
    expect(ticks.due()).toBe(60);
    expect(ticks.due()).toBe(0);
  });
});
