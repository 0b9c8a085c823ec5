import { UsageError } from '../bench/lib/flags.js';
import { inRoot } from '../bench/lib/root.js';
import { parseChaosOptions, repetitionOf } from './options.js';

const NOW = new Date('2026-01-31T12:00:00Z');

describe('the flags of chaos', () => {
  it('default to what needs no privileges', () => {
    expect(parseChaosOptions(['--seed', '17'], NOW)).toEqual({
      minutes: 5,
      seed: 17,
      faults: ['kill', 'pause', 'nats', 'join', 'drain'],
      storage: 3,
      coordinators: 3,
      gateways: 2,
      keys: 64,
      clients: 16,
      results: inRoot('data', 'chaos', '2026-01-31T12-00-00-17'),
    });
  });

  it('take parts of a minute and lists of faults', () => {
    const options = parseChaosOptions(['--minutes', '0.25', '--faults', 'disk,kill', '--results', '/tmp/x']);
    expect(options).toMatchObject({ minutes: 0.25, faults: ['kill', 'disk'], results: '/tmp/x' });
  });

  it.each([
    [['--minutes', '0'], /--minutes 0/],
    [['--minutes', 'soon'], /--minutes soon/],
    [['--faults', 'kill,meteor'], /--faults kill,meteor: allowed are kill, pause,/],
    [['--storage', '0'], /--storage 0/],
    [['--seed', '0x7'], /--seed 0x7/],
  ])('refuse %j', (args, message) => {
    expect(() => parseChaosOptions(args)).toThrow(UsageError);
    expect(() => parseChaosOptions(args)).toThrow(message);
  });

  it('come back as the command that repeats the run', () => {
    const args = ['--seed', '17', '--minutes', '0.5', '--faults', 'kill,partition', '--storage', '4'];
    expect(repetitionOf(parseChaosOptions(args))).toBe(
      'npm run chaos -- --seed 17 --minutes 0.5 --faults kill,partition --storage 4',
    );
    expect(repetitionOf(parseChaosOptions(['--seed', '3']))).toBe('npm run chaos -- --seed 3 --minutes 5');
  });
});
