import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLivesCli } from '../lives/lives-cli.js';
import { RAFT_SUITE } from './raft-suite.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sim-raft-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const printed: string[] = [];
  let seed = 100;
  // Every look at the clock takes a second and a half, so that progress is told.
  let nowMs = 0;
  const code = await runLivesCli(RAFT_SUITE, ['--results', join(folder, 'results'), ...args], {
    print: (text) => printed.push(text),
    randomSeed: () => seed++,
    nowMs: () => (nowMs += 1_500),
  });
  return { code, output: printed.join('\n') };
}

const records = (): string[] =>
  readFileSync(join(folder, 'results', 'lives.jsonl'), 'utf8')
    .trim()
    .split('\n');

describe('npm run sim -- --suite raft', () => {
  it('lives seeds, says how fast, and skips those that passed', async () => {
    const first = await run('--seeds', '3', '--seconds', '5');
    expect(first.code).toBe(0);
    expect(first.output).toMatch(/[12] of 3 lives, 0 failed, \d+ simulated s in \d+\.\d s: \d+ x real time/);
    expect(first.output).toMatch(/3 lives, nothing found; \d+ entries committed, \d+ reads, \d+ terms/);
    expect(records()).toHaveLength(3);
    // A line that was cut short, as by a signal.
    appendFileSync(join(folder, 'results', 'lives.jsonl'), '{"seed":4,"vers');
    const second = await run('--seeds', '2..4', '--seconds', '5');
    expect(second.output).toContain('2 seeds passed before');
    expect(second.output).toContain('1 lives, nothing found');
    expect((await run('--seeds', '2..4', '--seconds', '5', '--again')).output).toContain('3 lives');
    expect((await run('--seeds', '2..4', '--seconds', '6')).output).toContain('3 lives');
  });

  it('tells everything of one seed', async () => {
    const { code, output } = await run('--seed', '5', '--trace', '--seconds', '5');
    expect(code).toBe(0);
    expect(output).toMatch(/1 -> 2 {2}pre-vote\? t1 log ends 0@0/);
    expect(output).toContain('is leader in term 1');
    expect(existsSync(join(folder, 'results'))).toBe(false);
  });

  it('catches a mutant, and tells the shortest history of it', async () => {
    const { code, output } = await run('--mutant', 'votes-for-shorter-log', '--seeds', '2..9', '--seconds', '12');
    expect(code).toBe(0);
    expect(output).toMatch(/^FAILED seed \d+ at .*leader completeness/m);
    expect(output).toMatch(/shortest history found: \d+ of \d+ steps/);
    expect(output).toContain('VIOLATION  leader completeness');
    expect(output).toMatch(
      /replay of the whole life: npm run sim -- --suite raft --seed \d+ --trace --seconds 12 --mutant/,
    );
    expect(output).toMatch(/votes-for-shorter-log was caught by seed \d/);
    const [, path] = /the whole history: (.*)/.exec(output)!;
    expect(readFileSync(path, 'utf8')).toContain('what happens in it');
    const replay = await run(
      '--seed',
      /seed (\d+)/.exec(output)![1],
      '--trace',
      '--seconds',
      '12',
      '--mutant',
      'votes-for-shorter-log',
    );
    expect(replay.code).toBe(1);
  });

  it('fails where a mutant lives unnoticed', async () => {
    const { code, output } = await run('--mutant', 'snapshot-over-newer-log', '--seed', '1', '--seconds', '5');
    expect(code).toBe(1);
    expect(output).toContain('snapshot-over-newer-log was NOT caught');
  });

  it('explains itself', async () => {
    const { code, output } = await run('--help');
    expect(code).toBe(0);
    expect(output).toContain('vote-not-persisted');
  });

  it.each([
    [['--seeds', '0'], 'use a number from 1'],
    [['--seeds', '5..3'], 'use a number from 5'],
    [['--seeds', '1..2..3'], 'use N or A..B'],
    [['--seed', 'x'], 'use a number from 0'],
    [['--workers', '0'], 'use a number from 1 to 64'],
    [['--seconds', '0'], 'use a number from 5 to 3600'],
    [['--mutant', 'none'], 'there is none of this name'],
    [['--trace'], 'needs --seed'],
    [['--nonsense'], '--nonsense'],
  ])('refuses %j', async (args, complaint) => {
    const { code, output } = await run(...args);
    expect(code).toBe(2);
    expect(output).toContain(complaint);
  });
});
