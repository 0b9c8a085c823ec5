import { UsageError } from '../lib/flags.js';
import { choosePlays, expectedMisses, parseEvictionOptions, type Play } from './options.js';

const POLICIES = ['sieve', 'lru'];

describe('the flags of the eviction suite', () => {
  it('have presets', () => {
    const options = parseEvictionOptions(['--quick'], POLICIES);
    expect(options).toEqual({
      traceFile: undefined,
      sizes: [],
      policies: POLICIES,
      quick: true,
      check: false,
      save: false,
    });
  });

  it('are read', () => {
    const args = ['--trace', import.meta.filename, '--sizes', '4096,8192', '--policies', 'lru', '--check', '--no-save'];
    expect(parseEvictionOptions(args, POLICIES)).toEqual({
      traceFile: import.meta.filename,
      sizes: [4096, 8192],
      policies: ['lru'],
      quick: false,
      check: true,
      save: false,
    });
  });

  it.each([
    ['--trace', '/does/not/exist'],
    ['--sizes', '0'],
    ['--policies', 'x'],
  ])('refuse %s %s', (...args) => {
    expect(() => parseEvictionOptions(args, POLICIES)).toThrow(UsageError);
  });

  it('choose generated traces and sizes by share of them', () => {
    const plays = choosePlays(parseEvictionOptions(['--quick'], POLICIES));
    expect(plays.map(({ trace }) => trace.name)).toEqual(['zipf', 'zipf with scans', 'loop']);
    expect(plays[0].sizes[2]).toBe(Math.floor(plays[0].trace.objectBytes / 4));
  });

  it('find what is published for a policy and a size', () => {
    const [{ trace }] = choosePlays(parseEvictionOptions(['--quick'], POLICIES));
    const play: Play = { trace, sizes: [1, 2], expected: { sizes: [1, 2], misses: { lru: [9, 8] } } };
    expect(expectedMisses(play, 'lru', 2)).toBe(8);
    expect(expectedMisses(play, 'lru', 3)).toBeUndefined();
    expect(expectedMisses(play, 'sieve', 2)).toBeUndefined();
  });
});
