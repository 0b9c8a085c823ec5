import { UsageError } from '../lib/flags.js';
import { parseMemoryOptions } from './options.js';

describe('the flags of the memory suite', () => {
  it('divide the keys', () => {
    expect(parseMemoryOptions(['--keys', '100000', '--servers', 'redis', '--check'])).toEqual({
      keys: 100_000,
      warmKeys: 20_000,
      worstFrom: 10_000,
      servers: ['redis'],
      check: true,
      save: true,
    });
    expect(parseMemoryOptions(['--quick', '--servers', 'none'])).toMatchObject({ servers: [], save: false });
  });

  it.each([
    ['--keys', '100000001'],
    ['--keys', '10001'],
    ['--servers', 'x'],
  ])('refuse %s %s', (...args) => {
    expect(() => parseMemoryOptions(args)).toThrow(UsageError);
  });
});
