import { UsageError } from '../lib/flags.js';
import { parseRespOptions, requestsAt } from './options.js';

describe('the flags of resp', () => {
  it('have presets, smaller ones for a quick run that is not kept', () => {
    const [full, quick] = [parseRespOptions([]), parseRespOptions(['--quick'])];
    expect(full).toMatchObject({ clients: 50, valueBytes: 100, keys: 100_000, rounds: 3, save: true, check: false });
    expect(full.pipelines).toEqual([1, 16, 64]);
    expect(quick.save).toBe(false);
    expect(quick.requests).toBeLessThan(full.requests);
  });

  it('win over the presets', () => {
    const args = ['--quick', '--save', '--requests', '500', '--pipelines', '1,4', '--targets', 'cluster,redis'];
    expect(parseRespOptions([...args, '--rounds', '2', '--check'])).toMatchObject({
      requests: 500,
      pipelines: [1, 4],
      targets: ['redis', 'cluster'],
      rounds: 2,
      check: true,
      save: true,
    });
    expect(parseRespOptions(['--no-save']).save).toBe(false);
  });

  it('are refused when they are wrong', () => {
    expect(() => parseRespOptions(['--targets', 'memcached'])).toThrow(UsageError);
    expect(() => parseRespOptions(['--rounds', '0'])).toThrow(UsageError);
    expect(() => parseRespOptions(['--unknown'])).toThrow('--unknown');
    expect(() => parseRespOptions(['extra'])).toThrow('extra');
  });

  it('let deeper pipelines send more, within limits', () => {
    const options = parseRespOptions(['--requests', '1000']);
    expect([1, 4, 64].map((pipeline) => requestsAt(options, pipeline))).toEqual([1_000, 4_000, 8_000]);
  });
});
