import { runCli } from './cli.js';
import { MUTANTS } from './mutants.js';
import { SCENARIOS } from './scenarios.js';
import { runSeed } from './sim-run.js';

function run(...args: string[]): { readonly code: number; readonly output: string } {
  const printed: string[] = [];
  let seeds = 100;
  const code = runCli(
    args,
    (text) => printed.push(text),
    () => seeds++,
  );
  return { code, output: printed.join('\n') };
}

describe('npm run sim', () => {
  it('runs a seed and prints the same line each time', () => {
    const { code, output } = run('--seed', '3', '--seconds', '0.5');
    expect(code).toBe(0);
    expect(output).toMatch(
      /^ok {5}seed 3: \d+\.\d s, \d+ operations answered, \d+ refused, \d+ unknown, \d+ faults, \d+ moves, trace [0-9a-f]{16}/,
    );
    expect(run('--seed', '3', '--seconds', '0.5').output).toBe(output);
  });

  it('runs with as many coordinators as asked for', () => {
    expect(run('--seed', '3', '--seconds', '0.2', '--coordinators', '3', '--verbose').output).toMatch(/co3 .*a group/);
    expect(run('--coordinators', '8').output).toContain('--coordinators 8: use 1 to 7');
  });

  it('runs a range of seeds', () => {
    const { code, output } = run('--seeds', '5..7', '--seconds', '0.2');
    expect(code).toBe(0);
    expect(output.match(/seed [567]:/g)).toEqual(['seed 5:', 'seed 6:', 'seed 7:']);
    expect(output).toContain('3 runs, nothing found');
  });

  it('runs a scenario, and prints every line on request', () => {
    expect(run('--scenario', 'bus-outage-fails-fast-and-recovers')).toEqual({
      code: 0,
      output: 'ok     scenario bus-outage-fails-fast-and-recovers',
    });
    expect(run('--seed', '3', '--seconds', '0.2', '--verbose').output).toContain('ClusterFormed');
  });

  it('says what was found, shows the histories, and how to replay it', () => {
    const printed: string[] = [];
    const mutant = MUTANTS.find(({ name }) => name.includes('swaps replies'));
    const code = runCli(
      ['--seeds', '1..2', '--seconds', '0.3'],
      (text) => printed.push(text),
      () => 0,
      (options) => runSeed({ ...options, ...(mutant && { sabotage: mutant.make() }) }),
    );
    const output = printed.join('\n');
    expect(code).toBe(1);
    expect(output).toMatch(/^FAILED seed 1: /);
    for (const part of ['faults:', 'last log lines:', 'key r0 (partition', 'found:', 'no explanation']) {
      expect(output).toContain(part);
    }
    expect(output).toContain('replay: npm run sim -- --seed 1 --seconds 0.3');
    expect(output).toContain('2 of 2 runs failed');
  });

  it('lists the scenarios and explains itself', () => {
    const { code, output } = run('--list');
    expect(code).toBe(0);
    for (const { name } of SCENARIOS) expect(output).toContain(name);
    expect(run('--help').output).toContain('--seeds A..B');
  });

  it.each([
    [['--seed', 'x'], 'is no seed'],
    [['--seed', '4294967296'], 'is no seed'],
    [['--seeds', '5'], 'use A..B'],
    [['--seeds', '9..5'], 'use A..B'],
    [['--seconds', '0'], 'use more than 0'],
    [['--scenario', 'none'], 'there is none of this name'],
    [['--nonsense'], '--nonsense'],
  ])('refuses %j', (args, complaint) => {
    const { code, output } = run(...args);
    expect(code).toBe(2);
    expect(output).toContain(complaint);
    expect(output).toContain('--seeds A..B');
  });
});
