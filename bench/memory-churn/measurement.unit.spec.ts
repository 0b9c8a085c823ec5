import { UsageError } from '../lib/flags.js';
import { type Churn, residentGrowth } from './measurement.js';
import { parseChurnOptions } from './options.js';
import { churnText, churnVerdictText, cleaningText } from './report.js';

const churn: Churn = {
  fill: 0.95,
  operations: 1000,
  writtenBytes: 2 ** 30,
  movedPerWritten: 0.25,
  fragmentation: { worst: 0.01, last: 0.002 },
  reclaimable: { worst: 0.06, last: 0.05 },
  reserved: 1.01,
  refusals: 3,
  resident: [100, 120, 90, 126].map((bytes, seconds) => ({ seconds, bytes: bytes * 2 ** 20 })),
};

describe('the churn of a store', () => {
  it('compares the peaks of resident memory', () => {
    expect(residentGrowth(churn.resident)).toBeCloseTo(0.05, 10);
    expect(residentGrowth(churn.resident.slice(0, 1))).toBeUndefined();
  });

  it('is reported', () => {
    const text = churnText(churn);
    expect(text).toContain('1,000 operations at a fill of 95 %: 1024.0 MiB written');
    expect(text).toContain("126.0 MiB after 3 s; second half's peak beside the first's 5.00 %");
    expect(churnVerdictText(churn)).toMatch(/^FAIL/);
    expect(cleaningText([churn])).toContain('95 %                   0.250         1.00 %       6.00 %              3');
  });
});

describe('the flags of the memory-churn suite', () => {
  it('are read', () => {
    expect(parseChurnOptions(['--quick', '--minutes', '2', '--fills', '80,90', '--save'])).toEqual({
      limitBytes: 64 * 2 ** 20,
      operations: 200_000,
      minutes: 2,
      fills: [80, 90],
      check: false,
      save: true,
    });
    expect(() => parseChurnOptions(['--fills', '99'])).toThrow(UsageError);
  });
});
