// The scripts that build and start, in a small repository of their own: what they rebuild, what they leave alone, and what
// reaches the program that they hand over to.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './support/source-tree.js';

const COMPILER_OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  rootDir: '.',
  outDir: 'dist',
  lib: ['es2023'],
  types: [],
  skipLibCheck: true,
  incremental: true,
  strict: true,
};
const MAIN = `declare const process: any;
declare const console: any;
declare const setInterval: any;
import { greeting } from '../../../libs/kernel/src/index.js';
const stays = process.argv.includes('--stay');
if (stays) {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => undefined, 1000);
}
console.log(greeting, ...process.argv.slice(2));
if (!stays) process.exit(3);
`;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
const running = new Set<ChildProcess>();

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

const exists = (path: string): boolean => existsSync(join(folder, path));

/** Starts a script; `onOutput` sees all of the output so far at each new piece. */
function script(args: string[], onOutput?: (output: string, child: ChildProcess) => void): Promise<Outcome> {
  const child = spawn(process.execPath, [join(folder, 'scripts', args[0]), ...args.slice(1)], { stdio: 'pipe' });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    onOutput?.(stdout, child);
  });
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, stdout, stderr });
    });
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });
  write('package.json', { name: 'small', type: 'module' });
  write('package-lock.json', { packages: { '': {} } });
  write('node_modules/.package-lock.json', { packages: {} });
  symlinkSync(join(ROOT, 'node_modules/typescript'), join(folder, 'node_modules/typescript'));
  write('tsconfig.json', { compilerOptions: COMPILER_OPTIONS });
  write('tsconfig.build.json', { extends: './tsconfig.json', include: ['apps', 'libs'] });
  write('libs/kernel/src/index.ts', "export const greeting = 'hello';\n");
  write('apps/standalone/src/main.ts', MAIN);
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('build', () => {
  it('compiles what is stale and nothing else', async () => {
    expect(await script(['build.mjs'])).toMatchObject({ code: 0, stderr: expect.stringContaining('built in') });
    expect(await script(['build.mjs'])).toMatchObject({ code: 0, stderr: 'dist is up to date\n' });
    utimesSync(join(folder, 'libs/kernel/src/index.ts'), 1, 1);
    expect((await script(['build.mjs'])).stderr).toBe('dist is up to date\n');
    write('libs/kernel/src/index.ts', "export const greeting = 'good day';\n");
    expect((await script(['build.mjs'])).stderr).toContain('built in');
    expect((await script(['start.mjs'])).stdout).toBe('good day\n');
  });

  it('restores a deleted output and removes one whose source is gone', async () => {
    write('libs/kernel/src/old.ts', 'export const old = 1;\n');
    await script(['build.mjs']);
    expect(exists('dist/libs/kernel/src/old.js')).toBe(true);
    rmSync(join(folder, 'libs/kernel/src/old.ts'));
    rmSync(join(folder, 'dist/libs/kernel/src/index.js'));
    expect((await script(['build.mjs'])).code).toBe(0);
    expect(exists('dist/libs/kernel/src/old.js')).toBe(false);
    expect(exists('dist/libs/kernel/src/index.js')).toBe(true);
  });

  it('fails with the message of the compiler, and again at the next run', async () => {
    write('libs/kernel/src/index.ts', 'export const greeting: number = "hello";\n');
    for (let attempt = 0; attempt < 2; attempt++) {
      const { code, stderr } = await script(['build.mjs']);
      expect(code).toBe(1);
      expect(stderr).toContain('libs/kernel/src/index.ts(1,14): error TS2322');
    }
  });
});

describe('start', () => {
  it('builds once for two runs at the same time', async () => {
    const outcomes = await Promise.all([script(['start.mjs']), script(['start.mjs'])]);
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(['hello\n', 'hello\n']);
    expect(outcomes.filter(({ stderr }) => stderr.includes('built in'))).toHaveLength(1);
  });

  it('passes flags in, and the exit code out', async () => {
    expect(await script(['start.mjs', '--port', '1 2'])).toMatchObject({ code: 3, stdout: 'hello --port 1 2\n' });
  });

  it('leaves signals to the program', async () => {
    const outcome = await script(['start.mjs', '--stay'], (_output, child) => child.kill('SIGTERM'));
    expect(outcome.code).toBe(7);
  });
});

describe('test', () => {
  it('names the steps and suites when asked for one that does not exist', async () => {
    const { code, stderr } = await script(['test.mjs', '--only', 'nothing']);
    expect(code).toBe(2);
    expect(stderr).toContain('names: build, types, format, imports, lint, unit, int, sim, e2e');
  });
});
