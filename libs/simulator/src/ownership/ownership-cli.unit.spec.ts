import { runOwnershipCli } from './ownership-cli.js';

function run(...args: readonly string[]): { readonly code: number; readonly text: string } {
  const lines: string[] = [];
  let seed = 0;
  const code = runOwnershipCli(
    ['--suite', 'ownership', ...args],
    (line) => lines.push(line),
    () => ++seed,
  );
  return { code, text: lines.join('\n') };
}

describe('npm run sim -- --suite ownership', () => {
  it('runs random seeds, and says what happened', () => {
    const { code, text } = run('--seeds', '2', '--seconds', '10');
    expect(code).toBe(0);
    expect(text).toMatch(/^2 lives, nothing found; \d+ records committed, \d+ epochs, \d+ served$/);
  });

  it('tells of one life', () => {
    expect(run('--seed', '3', '--seconds', '10', '--trace').text).toContain('serves epoch');
  });

  it('finds mutants', () => {
    const { code, text } = run('--seed', '1', '--mutant', 'seal-not-persisted');
    expect(code).toBe(1);
    expect(text).toMatch(/FAILED seed 1 at .*sealed epoch of/);
  });

  it.each([
    [['--seed', 'x'], '--seed x: use'],
    [['--seeds', '0'], '--seeds 0: use'],
    [['--seconds', '5'], '--seconds 5: use'],
    [['--mutant', 'x'], '--mutant x: there is none'],
    [['--x'], "Unknown option '--x'"],
  ])('refuses %j', (args, problem) => {
    const { code, text } = run(...args);
    expect(code).toBe(2);
    expect(text).toContain(problem);
  });

  it('explains itself', () => {
    const { code, text } = run('--help');
    expect(code).toBe(0);
    expect(text).toContain('own-seal-not-awaited');
  });
});
