/**
 * Changed settings in the text of a YAML file. Only the lines of settings that change are touched, so that comments and
 * layout stay byte for byte; where a layout defeats that (settings within anchors, tags, flow mappings over several lines),
 * the whole file is printed anew, with its comments.
 */
import { isDeepStrictEqual } from 'node:util';
import type { TableSetting } from '#libs/cluster';
import { Document, isMap, isNode, isScalar, isSeq, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import { SETTINGS } from './schema.js';

/** What a setting is to be in the file. */
export interface FileChange {
  readonly path: string;
  /** Its value as YAML on one line; undefined takes the setting out. */
  readonly source: string | undefined;
}

type Root = ReturnType<typeof parseDocument>;
const PRINTED = { lineWidth: 0, flowCollectionPadding: false } as const;
const INDENT = '  ';

/** The change that a setting of the cluster's table makes: numbers, booleans and lists as YAML has them, not as texts. */
export function changeOf({ path, value: text }: TableSetting): FileChange {
  const setting = SETTINGS.find((row) => row.path === path)?.setting;
  const value = setting?.parse?.(text) ?? text;
  const isSize = typeof value === 'number' && /[a-z]\s*$/i.test(text);
  return { path, source: sourceOf(isSize ? text : value) };
}

/** How a setting stands in the text, on one line; undefined where it is not there. Throws where the text is no mapping. */
export function sourceAt(text: string, path: string): string | undefined {
  const document = parsed(text);
  const value = valueAt(document, path.split('.'));
  return value === undefined || value === null ? undefined : sourceOf(value);
}

/** The file's text with the changes made. Throws where the text is no YAML mapping. */
export function rewriteText(text: string, changes: readonly FileChange[]): string {
  parsed(text);
  return changes.reduce(withChange, text);
}

function parsed(text: string): Root {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Error(document.errors[0].message.split('\n')[0]);
  if (document.contents !== null && !isMap(document.contents))
    throw new Error('the file must be a mapping of sections');
  return document;
}

function withChange(text: string, { path, source }: FileChange): string {
  const document = parsed(text);
  const keys = path.split('.');
  const wanted: unknown = source === undefined ? undefined : parseDocument(source).toJS();
  if (isDeepStrictEqual(valueAt(document, keys) ?? undefined, wanted)) return text;
  const edited =
    source === undefined ? withoutSetting(text, document, keys) : withSetting(text, document, keys, source);
  if (source === undefined) document.deleteIn(keys);
  else {
    for (let i = 1; i < keys.length; i++) makeSection(document, keys.slice(0, i));
    document.setIn(keys, wanted);
  }
  return edited !== undefined && saysSame(edited, document) ? edited : document.toString(PRINTED);
}

/** The text with the value put where it belongs; undefined where the layout is none that lines can be put into. */
function withSetting(text: string, document: Root, keys: readonly string[], source: string): string | undefined {
  let map = document.contents;
  for (let depth = 0; isMap(map); depth++) {
    const pair = pairOf(map, keys[depth]);
    const missing = (at: number, indent: string): string => blockOf(keys.slice(at), source, indent, lineBreak(text));
    if (pair === undefined) {
      if (map.flow === true) return undefined;
      return insertAfterLine(text, endOf(map), missing(depth, indentOf(text, map)));
    }
    if (depth === keys.length - 1) return withValue(text, pair, source);
    if (isEmpty(pair.value)) {
      return insertAfterLine(text, startOf(pair), missing(depth + 1, indentOf(text, map) + INDENT));
    }
    map = pair.value as Node;
  }
  if (map !== null) return undefined;
  const gap = text === '' || text.endsWith('\n') ? '' : lineBreak(text);
  return `${text}${gap}${blockOf(keys, source, '', lineBreak(text))}${lineBreak(text)}`;
}

function withValue(text: string, { key, value }: Pair, source: string): string | undefined {
  if (!isNode(key) || !key.range) return undefined;
  const afterColon = text.indexOf(':', key.range[1]) + 1;
  if (isEmpty(value)) return `${text.slice(0, afterColon)} ${source}${text.slice(afterColon)}`;
  if (!isNode(value) || !value.range) return undefined;
  const [start, valueEnd] = value.range;
  const end = start + text.slice(start, valueEnd).trimEnd().length;
  const isBelow = /^\s*\n\s*$/.test(text.slice(afterColon, start));
  const before = isBelow ? `${text.slice(0, afterColon)} ` : text.slice(0, start);
  return `${before}${source}${text.slice(end)}`;
}

/** The text without the lines of the setting. */
function withoutSetting(text: string, document: Root, keys: readonly string[]): string | undefined {
  const map = document.getIn(keys.slice(0, -1), true);
  const pair = isMap(map) && map.flow !== true ? pairOf(map, keys[keys.length - 1]) : undefined;
  if (pair === undefined) return undefined;
  const start = text.lastIndexOf('\n', startOf(pair)) + 1;
  const end = text.indexOf('\n', lastLeafEnd(pair));
  return text.slice(0, start) + (end < 0 ? '' : text.slice(end + 1));
}

/** Puts whole lines after the line that `offset` is on. */
function insertAfterLine(text: string, offset: number, lines: string): string {
  const found = text.indexOf('\n', offset);
  const lineEnd = found < 0 ? text.length : found;
  const at = text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd;
  return text.slice(0, at) + lineBreak(text) + lines + text.slice(at);
}

/** `a:` and below it `b: value`, for keys a and b. */
function blockOf(keys: readonly string[], source: string, indent: string, eol: string): string {
  return keys
    .map((key, i) => `${indent}${INDENT.repeat(i)}${key}:${i === keys.length - 1 ? ` ${source}` : ''}`)
    .join(eol);
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

function startOf({ key }: Pair): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}

function endOf(map: YAMLMap): number {
  const last = map.items.at(-1);
  return last === undefined ? (map.range?.[1] ?? 0) : lastLeafEnd(last);
}

/** Where the last line of a setting or section ends: values that have lines of their own end after their line break. */
function lastLeafEnd({ key, value }: Pair): number {
  if (isMap(value) && value.flow !== true && value.items.length > 0) return endOf(value);
  if (isSeq(value) && value.flow !== true && value.items.length > 0) {
    const last = value.items.at(-1);
    return isMap(last) && last.flow !== true ? endOf(last) : beforeBreak(last);
  }
  return isEmpty(value) ? beforeBreak(key) : beforeBreak(value);
}

function beforeBreak(node: unknown): number {
  const range = isNode(node) ? node.range : undefined;
  if (!range) return 0;
  return Math.max(range[0], range[1] - 1);
}

function indentOf(text: string, map: YAMLMap): string {
  const start = startOf(map.items[0]);
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
}

function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null && value.range?.[0] === value.range?.[1]);
}

function lineBreak(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function valueAt(document: Root, keys: readonly string[]): unknown {
  const node: unknown = document.getIn(keys, true);
  return isNode(node) ? node.toJS(document) : node;
}

function sourceOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  if (isMap(document.contents) || isSeq(document.contents)) document.contents.flow = true;
  return document.toString({ ...PRINTED, blockQuote: false }).trimEnd();
}

/** Whether a text means what the document does; sections without settings count as absent. */
function saysSame(text: string, document: Root): boolean {
  const found = parseDocument(text);
  return found.errors.length === 0 && isDeepStrictEqual(settled(found.toJS()), settled(document.toJS()));
}

function settled(tree: unknown): unknown {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return tree ?? undefined;
  const inner = Object.entries(tree).flatMap(([key, value]) => {
    const kept = settled(value);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return inner.length === 0 ? undefined : Object.fromEntries(inner);
}

/** A section that is only a heading, or is not there, becomes one that can take settings. */
function makeSection(document: Root, keys: readonly string[]): void {
  const node = document.getIn(keys, true);
  if (isMap(node)) return;
  const section = document.createNode({}) as Node;
  if (isNode(node))
    section.commentBefore = [node.commentBefore, node.comment].filter((text) => text).join('\n') || null;
  document.setIn(keys, section);
}
