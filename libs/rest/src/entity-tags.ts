/**
 * Conditional requests (RFC 9110, section 13) as far as a cache's entries need them. Tags in headers stand in double
 * quotes; the storage node's commands take them bare.
 */
import { invalidField } from './problem.js';

export type WriteCondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'tag'; readonly tag: string };

const NO_CONDITION: WriteCondition = { kind: 'none' };
const ONE_TAG = /^(W\/)?"([\x21\x23-\x7e]*)"$/;
const TAG_IN_LIST = /(?:W\/)?"([\x21\x23-\x7e]*)"/g;

/** The condition of a PUT or a DELETE. Throws a 400 where it is one that a single step cannot check. */
export function writeCondition(ifMatch: string | undefined, ifNoneMatch: string | undefined): WriteCondition {
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw invalidField('If-None-Match', ifNoneMatch, 'one of If-Match and If-None-Match, not both');
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw invalidField('If-None-Match', ifNoneMatch, '*, to create but never replace');
    return { kind: 'absent' };
  }
  if (ifMatch === undefined) return NO_CONDITION;
  if (ifMatch.trim() === '*') return { kind: 'present' };
  const match = ONE_TAG.exec(ifMatch.trim());
  if (match === null) throw invalidField('If-Match', ifMatch, '* or one entity tag in double quotes');
  return { kind: 'tag', tag: match[2] };
}

/** Whether a header of GET names the entry; a list and weak tags are fine here, since nothing is changed. */
export function namesTag(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  for (const match of header.matchAll(TAG_IN_LIST)) if (match[1].toLowerCase() === tag) return true;
  return false;
}

export function quotedTag(tag: string): string {
  return `"${tag}"`;
}
