/** The settings of a YAML file, flattened to paths; everything that the schema does not know is an error. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLError } from 'yaml';
import { notAllowed } from './config-error.js';
import { HyperCacheConfig } from './hypercache-config.js';
import type { Layer, LayerValue } from './layer.js';
import { sectionsOf, settingsOf, type SectionClass } from './setting.js';
import { suggestionText } from './suggestion.js';
import { reasonOf } from './system-error.js';

export interface YamlLayer {
  readonly layer: Layer;
  readonly errors: readonly string[];
}

/** Aliases that a file may expand to; more is refused, so that a small file cannot become a huge tree. */
const MAX_ALIASES = 100;

export function readYamlLayer(text: string, file: string): YamlLayer {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return { layer: new Map(), errors: document.errors.map((error) => syntaxError(error, lines, file)) };
  }
  if (document.contents === null) return { layer: new Map(), errors: [] };
  if (!isMap(document.contents)) {
    return { layer: new Map(), errors: [`${file}: the file must be a mapping of sections`] };
  }
  const collector = new LayerCollector(originsOf(document, lines, file), file);
  try {
    collector.collect(document.toJS({ maxAliasCount: MAX_ALIASES }), HyperCacheConfig, '');
  } catch (error) {
    collector.errors.push(`${file}: ${reasonOf(error)}`);
  }
  return collector;
}

export function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function syntaxError(error: YAMLError, lines: LineCounter, file: string): string {
  const { line, col } = lines.linePos(error.pos[0]);
  return `${file}:${line}:${col}: ${error.message.split('\n')[0]}`;
}

/** `file:line` of each key and each element of a list, by path. What an alias stands for has the line of the alias. */
function originsOf(document: Document, lines: LineCounter, file: string): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  const note = (path: string, offset: number | undefined): void => {
    if (offset !== undefined) origins.set(path, `${file}:${lines.linePos(offset).line}`);
  };
  const walk = (node: unknown, path: string): void => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = String(isScalar(key) ? key.value : key);
        const inner = path === '' ? name : `${path}.${name}`;
        note(inner, isScalar(key) ? key.range?.[0] : undefined);
        walk(value, inner);
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, i) => {
        const inner = `${path}[${i}]`;
        if (isMap(item) || isScalar(item) || isSeq(item)) note(inner, item.range?.[0]);
        walk(item, inner);
      });
    }
  };
  walk(document.contents, '');
  return origins;
}

class LayerCollector implements YamlLayer {
  readonly layer = new Map<string, LayerValue>();
  readonly errors: string[] = [];

  constructor(
    private readonly origins: ReadonlyMap<string, string>,
    private readonly file: string,
  ) {}

  collect(tree: Readonly<Record<string, unknown>>, type: SectionClass, prefix: string): void {
    const sections = sectionsOf(type);
    const settings = settingsOf(type);
    for (const [key, value] of Object.entries(tree)) {
      const path = prefix + key;
      const origin = this.origins.get(path) ?? this.file;
      const section = sections.find((row) => row.key === key);
      const setting = settings.find((row) => row.key === key);
      if (section !== undefined) {
        if (value === null) continue;
        if (isTree(value)) this.collect(value, section.type, `${path}.`);
        else this.errors.push(notAllowed(path, value, 'a mapping of settings', origin));
      } else if (setting !== undefined) {
        if (value === null) continue;
        const isList = setting.element !== undefined;
        this.layer.set(path, { value, origin, ...(isList ? { innerOrigins: this.origins } : {}) });
      } else {
        const known = [...sections, ...settings].map((row) => row.key);
        this.errors.push(`${path}: no such setting${suggestionText(key, known)} (${origin})`);
      }
    }
  }
}
