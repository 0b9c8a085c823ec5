/** CONFIG REWRITE: settings that were changed at run time, into the YAML file that a service was started with. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { TableSetting } from '#libs/cluster';
import { isMap, isNode, parseDocument, type Document, type Node } from 'yaml';
import { SETTINGS } from './schema.js';

/**
 * The file's text with the settings at their places; comments and everything else stay. Throws where the text is no YAML
 * mapping.
 */
export function rewriteText(text: string, settings: readonly TableSetting[]): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Error(document.errors[0].message.split('\n')[0]);
  if (document.contents !== null && !isMap(document.contents))
    throw new Error('the file must be a mapping of sections');
  for (const { path, value } of settings) {
    const keys = path.split('.');
    for (let i = 1; i < keys.length; i++) makeSection(document, keys.slice(0, i));
    document.setIn(keys, plainValue(path, value));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** A section that is only a heading, or is not there, becomes one that can take settings. */
function makeSection(document: Document, keys: readonly string[]): void {
  const node = document.getIn(keys, true);
  if (isMap(node)) return;
  const section = document.createNode({}) as Node;
  if (isNode(node))
    section.commentBefore = [node.commentBefore, node.comment].filter((text) => text).join('\n') || null;
  document.setIn(keys, section);
}

/** Writes beside the file, syncs and renames, so that a crash leaves the old file or the new one. */
export function rewriteFile(name: string, settings: readonly TableSetting[]): void {
  const file = realpathSync(name);
  const text = rewriteText(readFileSync(file, 'utf8'), settings);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeSynced(temporary, text, statSync(file).mode);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

/** Numbers, booleans and lists as YAML has them, not as texts. */
function plainValue(path: string, text: string): unknown {
  const setting = SETTINGS.find((row) => row.path === path)?.setting;
  const value = setting?.parse?.(text) ?? text;
  const isSize = typeof value === 'number' && /[a-z]\s*$/i.test(text);
  return isSize ? text : value;
}

function writeSynced(file: string, text: string, mode: number): void {
  const descriptor = openSync(file, 'w', mode);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
