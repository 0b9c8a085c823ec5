// npm run check:history: what is run by hand on the history of a real cluster.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, temporaryFolder } from './support/hypercache.js';
import { ROOT } from './support/source-tree.js';

let folder: string;

beforeAll(() => {
  ensureBuilt();
  folder = temporaryFolder();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function check(...args: string[]): Outcome {
  return spawnSync(process.execPath, [join(ROOT, 'scripts/check-history.mjs'), ...args], { encoding: 'utf8' });
}

function checkLines(lines: readonly (object | string)[], ...flags: string[]): Outcome {
  const file = join(folder, 'history.jsonl');
  writeFileSync(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  const { status, stdout, stderr } = check(file, ...flags);
  return { status, stdout: stdout.replaceAll(file, 'FILE'), stderr: stderr.replaceAll(file, 'FILE') };
}

const operation = (kind: string, value: string, [invoked, completed]: readonly number[], client: number): object => ({
  client,
  kind,
  key: 'k',
  level: 'QUORUM',
  ...(kind === 'write' ? { argument: value } : { result: value }),
  invoked,
  completed,
  outcome: 'ok',
});

describe('check:history', () => {
  it('says that a history is linearizable', () => {
    expect(checkLines([operation('write', 'a', [0, 1], 1), '', operation('read', 'a', [2, 3], 2)])).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        'FILE: 2 operations on 1 keys: linearizable',
        '',
        'lost, of acknowledged writes: ONE 0 of 0, QUORUM 0 of 1, ALL 0 of 0 (1 keys read last; 0 not judged)',
        'reads at level ONE: 0 in 0 sessions; 0 went back, in 0 sessions',
        '',
      ].join('\n'),
    });
  });

  it('explains violations, and says what was lost', () => {
    const [a, b] = [operation('write', 'a', [0, 1], 1), operation('write', 'b', [2, 3], 1)];
    expect(checkLines([a, b, operation('read', 'a', [4, 5], 2)])).toEqual({
      status: 1,
      stderr: '',
      stdout: [
        'FILE: 3 operations on 1 keys: violation',
        '',
        'key "k" is not linearizable. The 2 operations that completed first have an order; this one fits nowhere:',
        '  #2 client 2: read -> "a"',
        'A read in its place could have seen: "b"',
        'Operations that prove it:',
        '  #0  0.000  1.000  client 1: write "a" -> ok  |-|',
        '  #1  2.000  3.000  client 1: write "b" -> ok      |-|',
        '  #2  4.000  5.000  client 2: read -> "a"              |-|  <- no place',
        '',
        'lost, of acknowledged writes: ONE 0 of 0, QUORUM 1 of 2, ALL 0 of 0 (1 keys read last; 0 not judged)',
        '  key "k": #2 client 2: read -> "a", but before it',
        '    #1 client 1: write "b" -> ok',
        'reads at level ONE: 0 in 0 sessions; 0 went back, in 0 sessions',
        '',
      ].join('\n'),
    });
  });

  it('takes the order of clients and a budget into account', () => {
    const pipeline = [operation('write', 'a', [0, 9], 1), operation('write', 'b', [0, 9], 1)];
    const lines = [...pipeline, operation('read', 'a', [10, 11], 2)];
    expect(checkLines(lines)).toMatchObject({ status: 0 });
    expect(checkLines(lines, '--client-order')).toMatchObject({ status: 1 });
    const [appended] = [{ client: 1, kind: 'append', key: 'k', argument: 'x', invoked: 0 }];
    const unclear = [appended, appended, appended, { ...appended, invoked: 1, completed: 2, outcome: 'ok', result: 9 }];
    expect(checkLines(unclear, '--max-steps', '2')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('undecided within the budget: k\n'),
    });
  });

  it('names what it cannot read', () => {
    expect(checkLines([operation('read', 'a', [0, 1], 1), '{"kind":"reed"}'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'FILE:2: kind: "reed" is none of read, write, delete, set-if-absent, set-if-present, increment, append, loss\n',
    });
    expect(check(join(folder, 'none.jsonl'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/none\.jsonl: it cannot be read: ENOENT/),
    });
  });

  it('explains itself', () => {
    expect(check('--help')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^usage: npm run check:history/),
    });
    expect(check()).toMatchObject({ status: 2, stderr: expect.stringMatching(/^check:history: give one file/) });
    expect(check('a', '--max-steps', 'x')).toMatchObject({ status: 2 });
    expect(check('a', '--odd')).toMatchObject({ status: 2 });
  });
});
