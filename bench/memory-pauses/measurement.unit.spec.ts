import { UsageError } from '../lib/flags.js';
import { latencyOf, pausesOf } from './measurement.js';
import { parsePausesOptions } from './options.js';
import { pausesText } from './report.js';

describe('pauses', () => {
  const rounds = [Float32Array.of(1, 2, -90, 4), Float32Array.of(70, 2, 3, 5)];
  const pauses = pausesOf('growth', rounds);

  it('leave out what happened during a garbage collection', () => {
    expect(pauses.outsideGc).toEqual({ p50Us: 3, p999Us: 70, largestUs: 70 });
    expect(pauses.duringGc).toEqual({ operations: 1, largestUs: 90 });
  });

  it('are those that recur in every round', () => {
    expect(pauses.recurring).toEqual({ p50Us: 2, p999Us: 4, largestUs: 4 });
  });

  it('are percentiles by nearest rank', () => {
    const times = Float32Array.from({ length: 2000 }, (_, i) => 2000 - i);
    expect(latencyOf(times)).toEqual({ p50Us: 1000, p999Us: 1998, largestUs: 2000 });
    expect(() => latencyOf(new Float32Array(0))).toThrow(RangeError);
  });

  it('are reported', () => {
    const lines = pausesText([pauses]).split('\n');
    expect(lines[4]).toBe('growth           4  outside garbage collection           3.0   70.0     70.0');
    expect(lines[6]).toMatch(/during garbage collection: 1 +90\.0$/);
  });
});

describe('the flags of the memory-pauses suite', () => {
  it('are read', () => {
    expect(parsePausesOptions(['--quick', '--phases', 'expiry', '--rounds', '2'])).toEqual({
      phases: ['expiry'],
      keys: 200_000,
      limitBytes: 32 * 2 ** 20,
      operations: 100_000,
      rounds: 2,
      save: false,
    });
    expect(() => parsePausesOptions(['--rounds', '0'])).toThrow(UsageError);
  });
});
