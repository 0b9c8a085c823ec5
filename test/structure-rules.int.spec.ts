// Proves that the rules about rings and purity bite: a small tree that breaks each of them goes through the real tools with
// the real settings. A rule that silently matches nothing would look like a clean repository.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './support/source-tree.js';

const SETTINGS = [
  'package.json',
  'tsconfig.json',
  '.dependency-cruiser.cjs',
  '.oxlintrc.json',
  'scripts/lib/rings.json',
];
const EMPTY = 'export {};\n';
const IMPURE = `import { readFileSync } from 'node:fs';
export const file = readFileSync;
export const now = Date.now();
export const random = Math.random();
export const around = globalThis.performance.now();
export const bytes = Buffer.alloc(1);
export const timer = setTimeout(() => undefined, 1);
export const environment = process.env;
export const later = async () => Promise.resolve();
`;

/** An import that a rule forbids: the rule, the importing file, what it imports. */
const FORBIDDEN = [
  ['ring-kernel', 'libs/kernel/src/index.ts', '#libs/engine'],
  ['ring-ports', 'libs/ports/src/index.ts', '#libs/engine'],
  ['ring-core', 'libs/engine/src/index.ts', '#libs/ports'],
  ['ring-hosts', 'libs/storage-host/src/a.ts', '#libs/gateway-host'],
  ['ring-hosts', 'libs/storage-host/src/b.ts', '#libs/config'],
  ['ring-adapters', 'libs/config/src/index.ts', '#libs/storage-host'],
  ['ring-wiring', 'libs/service/src/index.ts', '#libs/simulator'],
  ['ring-simulator', 'libs/simulator/src/index.ts', '#libs/config'],
  ['apps-import-no-test-code', 'apps/gateway/src/a.ts', '#libs/simulator'],
  ['apps-import-no-test-code', 'apps/gateway/src/b.ts', '../../../test/helper.js'],
  ['apps-do-not-import-each-other', 'apps/coordinator/src/main.ts', '../../gateway/src/main.js'],
  ['nobody-imports-apps', 'test/a.ts', '../apps/gateway/src/main.js'],
  ['no-deep-import-from-outside', 'test/b.ts', '../libs/kernel/src/inner.js'],
  ['no-deep-import-between-libs', 'libs/engine/src/a.ts', '../../kernel/src/inner.js'],
  ['libs-by-name', 'libs/engine/src/b.ts', '../../kernel/src/index.js'],
  ['pure-no-builtins', 'libs/engine/src/c.ts', 'node:fs'],
  ['no-unresolvable', 'libs/engine/src/d.ts', './missing.js'],
  ['lib-without-ring', 'libs/unknown/src/index.ts', '#libs/kernel'],
  ['import-of-lib-without-ring', 'test/c.ts', '#libs/unknown'],
] as const;

let folder: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const importing = (...names: string[]): string => names.map((name) => `import '${name}';\n`).join('') + EMPTY;

function runTool(script: string, ...args: string[]): string {
  const result = spawnSync(process.execPath, [join(ROOT, 'node_modules', script), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return result.stdout + result.stderr;
}

const DEPENDENCY_CRUISER = 'dependency-cruiser/bin/dependency-cruiser.mjs';
const importErrors = (): string =>
  runTool(DEPENDENCY_CRUISER, '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test');
const lintErrors = (): string => runTool('oxlint/bin/oxlint', '--format=unix', 'apps', 'libs', 'test');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'structure-rules-'));
  for (const file of SETTINGS) cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  for (const lib of ['kernel', 'ports', 'engine', 'storage-host', 'gateway-host', 'config', 'simulator', 'service']) {
    write(`libs/${lib}/src/index.ts`, EMPTY);
  }
  write('libs/kernel/src/inner.ts', EMPTY);
  write('apps/gateway/src/main.ts', EMPTY);
  write('test/helper.ts', EMPTY);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('import rules', () => {
  it('accept imports towards the kernel', () => {
    write('libs/engine/src/index.ts', importing('#libs/kernel'));
    write('libs/storage-host/src/index.ts', importing('#libs/engine', '#libs/ports'));
    write('libs/config/src/index.ts', importing('node:fs', '#libs/kernel', '#libs/engine'));
    write('libs/service/src/index.ts', importing('#libs/config', '#libs/storage-host'));
    write('libs/engine/src/engine.unit.spec.ts', importing('node:fs', '#libs/config'));
    write('libs/simulator/src/index.ts', importing('#libs/storage-host', '#libs/ports'));
    write('apps/gateway/src/main.ts', importing('#libs/service'));
    expect(importErrors()).toContain('no dependency violations found');
  });

  it('refuse all others', () => {
    for (const [, from, to] of FORBIDDEN) write(from, importing(to));
    write('libs/ports/src/a.ts', importing('./b.js'));
    write('libs/ports/src/b.ts', importing('./a.js'));
    const errors = importErrors();
    const silent = FORBIDDEN.filter(([rule, from]) => !errors.includes(`error ${rule}: ${from}`));
    expect(silent).toEqual([]);
    expect(errors).toContain('error no-circular: libs/ports/src/');
  });
});

describe('lint rules', () => {
  it('keep time, randomness, I/O and promises out of pure libs', () => {
    write('libs/engine/src/impure.ts', IMPURE);
    const errors = lintErrors();
    for (const line of [1, 3, 4, 5, 6, 7, 8, 9]) expect(errors).toContain(`libs/engine/src/impure.ts:${line}:`);
  });

  it('leave adapters and specs free', () => {
    write('libs/config/src/impure.ts', IMPURE);
    write('libs/engine/src/engine.unit.spec.ts', IMPURE);
    expect(lintErrors()).toBe('');
  });
});
