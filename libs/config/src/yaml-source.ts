/** The settings of a YAML file, flattened to paths; everything that the schema does not know is an error. */
import { isMap, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { notAllowed } from './config-error.js';
import { HyperCacheConfig } from './hypercache-config.js';
import { sectionsOf, settingsOf, type SectionClass } from './setting.js';
import { suggestionText } from './suggestion.js';
import { reasonOf } from './system-error.js';

/** A value and where it was found, by path. */
export type Layer = ReadonlyMap<string, LayerValue>;

export interface LayerValue {
  readonly value: unknown;
  /** For errors: a file, a variable or a flag. */
  readonly origin: string;
}

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
  const layer = new Map<string, LayerValue>();
  const errors: string[] = [];
  if (document.contents === null) return { layer, errors };
  if (!isMap(document.contents)) return { layer, errors: [`${file}: the file must be a mapping of sections`] };
  try {
    collect(document.toJS({ maxAliasCount: MAX_ALIASES }), HyperCacheConfig, '', file, layer, errors);
  } catch (error) {
    errors.push(`${file}: ${reasonOf(error)}`);
  }
  return { layer, errors };
}

function syntaxError(error: YAMLError, lines: LineCounter, file: string): string {
  const { line, col } = lines.linePos(error.pos[0]);
  return `${file}:${line}:${col}: ${error.message.split('\n')[0]}`;
}

function collect(
  tree: Readonly<Record<string, unknown>>,
  type: SectionClass,
  prefix: string,
  file: string,
  layer: Map<string, LayerValue>,
  errors: string[],
): void {
  const sections = sectionsOf(type);
  const settings = settingsOf(type);
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix + key;
    const section = sections.find((row) => row.key === key);
    if (section !== undefined) {
      if (value === null) continue;
      if (isTree(value)) collect(value, section.type, `${path}.`, file, layer, errors);
      else errors.push(notAllowed(path, value, 'a mapping of settings', file));
    } else if (settings.some((row) => row.key === key)) {
      if (value !== null) layer.set(path, { value, origin: file });
    } else {
      const known = [...sections, ...settings].map((row) => row.key);
      errors.push(`${path}: no such setting${suggestionText(key, known)} (${file})`);
    }
  }
}

export function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
