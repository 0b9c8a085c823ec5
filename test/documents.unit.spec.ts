// Documents say what is so: those made from the code are current, and what the others name exists.
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import * as commands from '#libs/commands';
import * as config from '#libs/config';
import * as metricsProm from '#libs/metrics-prom';
import { readText, ROOT, sourceFiles } from './support/source-tree.js';

interface GeneratedDocument {
  readonly path: string;
  readonly lib: string;
  readonly render: (lib: object) => string;
}

const LIBS: Readonly<Record<string, object>> = { commands, config, 'metrics-prom': metricsProm };
const LIST = new URL('../scripts/lib/documents.mjs', import.meta.url).href;
const { DOCUMENTS } = (await import(LIST)) as { readonly DOCUMENTS: readonly GeneratedDocument[] };

const TOP_LEVEL = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].filter((path) => existsSync(join(ROOT, path)));
const pages = [
  ...sourceFiles(['docs'], ['.md']),
  ...TOP_LEVEL.map((path) => ({ path, text: readText(path), lines: [] })),
];

const LINK = /\]\(([^)\s]+)\)/g;
/** A path of this repository in code style; patterns and placeholders are none. */
const CODE_PATH = /`((?:apps|bench|chaos|configs|docs|infra|libs|proto|scripts|test)\/[\w./-]+)`/g;

const exists = (path: string): boolean => existsSync(join(ROOT, path));

describe('documents made from the code', () => {
  it.each(DOCUMENTS.map((document) => [document.path, document] as const))(
    '%s is current (npm run docs)',
    (path, { lib, render }) => {
      expect(exists(path) ? readText(path) : '').toBe(render(LIBS[lib]));
    },
  );
});

describe('documents', () => {
  it('link to what exists', () => {
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(LINK)]
        .map(([, target]) => target.replace(/#.*$/, ''))
        .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
        .filter((target) => !exists(normalize(join(dirname(path), target))))
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name files that exist', () => {
    const missing = pages.flatMap(({ path, text }) =>
      [...text.matchAll(CODE_PATH)].filter(([, named]) => !exists(named)).map(([, named]) => `${path}: ${named}`),
    );
    expect(missing).toEqual([]);
  });
});
