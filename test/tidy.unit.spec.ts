// Style as a test: what a reviewer would say again and again, said once. What oxlint and dependency-cruiser can express
// stands in their settings; here stands the rest, and that those settings agree with the list of rings.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderNames, readRings, readText, ROOT, sourceFiles, type SourceFile } from './support/source-tree.js';

const MAX_LINES = 400;
/** A shorter file says what it is by its name and its exports. */
const LINES_WITHOUT_COMMENT = 40;
/** How far below the imports the first comment may stand. */
const OPENING_LINES = 15;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const OPEN_WORK = /\b(?:TODO|FIXME)\b(?!\([^)]+\))/;
const PARTIAL_SUITE = /\b(?:describe|it|test)\.(?:only|skip|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/;
const LINT_EXCEPTION = /(?:oxlint|eslint)-disable[^\n]*(?:no-restricted|no-async-await)/;

const isSpec = (file: SourceFile): boolean => file.path.endsWith('.spec.ts');
const isPublicFace = (file: SourceFile): boolean => file.path.endsWith('/src/index.ts');
const isTest = (file: SourceFile): boolean => isSpec(file) || file.path.endsWith('.contract.ts');
const pathsOf = (files: readonly SourceFile[]): string[] => files.map((file) => file.path);

const production = sourceFiles(['apps', 'libs']).filter((file) => !isTest(file));
const everything = sourceFiles(['apps', 'libs', 'bench', 'chaos', 'test', 'scripts'], ['.ts', '.mjs']);
const rings = readRings();
const pureLibs = Object.values(rings).flatMap((ring) => (ring.pure ? ring.libs : []));

function hasOpeningComment(file: SourceFile): boolean {
  const body = file.text.replace(/^import [^;]*;\n/gm, '');
  return body
    .split('\n')
    .slice(0, OPENING_LINES)
    .some((line) => /^\s*\/[/*]/.test(line));
}

/** The "path:line" of each line that matches. */
function matchingLines(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    file.lines.flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}`] : [])),
  );
}

describe('files', () => {
  it(`have at most ${MAX_LINES} lines`, () => {
    expect(pathsOf(production.filter((file) => file.lines.length > MAX_LINES))).toEqual([]);
  });

  it(`open with a comment when longer than ${LINES_WITHOUT_COMMENT} lines`, () => {
    const long = production.filter((file) => file.lines.length > LINES_WITHOUT_COMMENT && !isPublicFace(file));
    expect(pathsOf(long.filter((file) => !hasOpeningComment(file)))).toEqual([]);
  });

  it('have names in kebab-case', () => {
    const odd = everything.filter((file) => file.path.split('/').some((part) => !KEBAB_CASE.test(part)));
    expect(pathsOf(odd)).toEqual([]);
  });

  it('hold no open work without its reason in parentheses', () => {
    const others = everything.filter((file) => !file.path.endsWith('tidy.unit.spec.ts'));
    expect(matchingLines(others, OPEN_WORK)).toEqual([]);
  });

  it('name specs by the kind of what they need', () => {
    const odd = everything.filter((file) => isSpec(file) && !/\.(unit|int|sim|e2e|support)\.spec\.ts$/.test(file.path));
    expect(pathsOf(odd)).toEqual([]);
  });

  it('run every test', () => {
    expect(matchingLines(everything, PARTIAL_SUITE)).toEqual([]);
  });
});

describe('rings', () => {
  const ringLibs = Object.values(rings).flatMap((ring) => ring.libs);

  it('hold every lib', () => {
    expect(folderNames('libs').filter((lib) => !ringLibs.includes(lib))).toEqual([]);
  });

  it('hold a lib once', () => {
    expect(ringLibs.filter((lib, index) => ringLibs.indexOf(lib) !== index)).toEqual([]);
  });

  it('import rings that exist', () => {
    const named = Object.values(rings).flatMap((ring) => ring.mayImport);
    expect(named.filter((name) => rings[name] === undefined)).toEqual([]);
  });

  it('are pure only where all that they import is', () => {
    const leaks = Object.entries(rings).filter(
      ([, ring]) => ring.pure && ring.mayImport.some((name) => !rings[name]!.pure),
    );
    expect(leaks).toEqual([]);
  });
});

describe('libs', () => {
  it('have one public face', () => {
    expect(folderNames('libs').filter((lib) => !existsSync(join(ROOT, 'libs', lib, 'src/index.ts')))).toEqual([]);
  });

  it('of pure rings are those to which the lint rules for purity apply', () => {
    const settings = JSON.parse(readText('.oxlintrc.json')) as {
      overrides: { files: string[]; rules: Record<string, unknown> }[];
    };
    const purity = settings.overrides.find((override) => 'no-restricted-globals' in override.rules);
    expect(purity?.files.toSorted()).toEqual(pureLibs.map((lib) => `libs/${lib}/**/*.ts`).sort());
  });

  it('of pure rings grant themselves no exception from those rules', () => {
    const pure = production.filter((file) => pureLibs.includes(file.path.split('/')[1]!));
    expect(matchingLines(pure, LINT_EXCEPTION)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('locks the optional dependencies for every platform (npm run lock adds them)', () => {
    const { packages } = JSON.parse(readText('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
    const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(optional.filter((name) => !locked.has(name))).toEqual([]);
  });
});
