import { type Accounting, type Resident, verdictsOf } from './measurement.js';
import { accountingText, memoryVerdictText, residentText } from './report.js';

const accounting: Accounting = {
  expiring: true,
  worst: { keys: 1_067_000, used: 16.004, reserved: 19 },
  atEnd: { keys: 10_000_000, used: 14.8, reserved: 15.5 },
  heap: 0.01,
};
const residents: Resident[] = [
  { server: 'hypercache', expiring: false, perKey: 10, warmBytes: 2 ** 20, endBytes: 2 ** 21 },
  { server: 'redis', expiring: false, perKey: 80, warmBytes: 2 ** 20, endBytes: 2 ** 22 },
];

describe('the verdicts of the memory suite', () => {
  it('compare HyperCache with its goals', () => {
    const verdicts = verdictsOf([accounting], residents);
    expect(verdicts.map(({ measured, limit, reached }) => [measured, limit, reached])).toEqual([
      [16.004, 16, false],
      [14.8, 16, true],
      [0.01, 0.5, true],
      [10, 10, true],
    ]);
    expect(memoryVerdictText(verdicts).split('\n')[3]).toBe(
      'PASS  slope of the resident memory, without expiry: 10.00, at most 10 wanted',
    );
  });
});

describe('the report of the memory suite', () => {
  it('shows account and resident memory', () => {
    expect(accountingText([accounting])).toContain('yes     worst, 1,067,000  16.00     19.00');
    expect(residentText(residents)).toContain('redis       no              80.00  1.0 MiB  4.0 MiB');
  });
});
