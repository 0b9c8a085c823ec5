import { formatCount, formatMebibytes, formatPercent, formatRatio, formatTable, left, right } from './table.js';

describe('tables', () => {
  it('are as wide as their widest cell, without blanks at the end', () => {
    const rows = [
      ['redis', '84,000', ''],
      ['standalone', '9', 'reached'],
    ];
    expect(formatTable([left('target'), right('ops/s'), left('')], rows).split('\n')).toEqual([
      'target       ops/s',
      '----------  ------  -------',
      'redis       84,000',
      'standalone       9  reached',
    ]);
  });

  it('fill up rows that are too short', () => {
    expect(formatTable([left('a'), right('b')], [['x']])).toBe('a  b\n-  -\nx');
  });

  it('are titles and a rule without rows', () => {
    expect(formatTable([left('a')], [])).toBe('a\n-');
  });
});

describe('formats', () => {
  it('do not round a ratio up to the one demanded', () => {
    expect(formatRatio(0.8994)).toBe('0.899×');
  });

  it('group digits and name units', () => {
    expect(formatCount(1_234_567.8)).toBe('1,234,568');
    expect(formatPercent(0.125)).toBe('12.5 %');
    expect(formatMebibytes(1_572_864)).toBe('1.5 MiB');
  });
});
