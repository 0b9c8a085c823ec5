/**
 * What a reply says about its operation: `ok` with a result, certainly not executed, or nobody knows. The table of errors
 * tells which errors promise that nothing was executed; a text that is not in it promises nothing, and neither does a reply
 * of a type that the command never answers. Both are defects: a client that sees them cannot know what to do.
 */
import { ERRORS, type ErrorCode, errorText } from '#libs/kernel';
import type { Outcome, Result } from '#libs/linearizability';
import { REPLY_KINDS, type ReplyKind } from '../../bench/lib/load/reply-stream.js';
import { isCounter, type Operation } from './operation.js';
import { tokenIn } from './values.js';

export interface Classified {
  readonly outcome: Outcome;
  readonly result?: Result;
  /** What went wrong, in a word, for the report's counts. */
  readonly reason?: string;
  /** A reply that no client may ever get. */
  readonly defect?: string;
}

/** Codes by their texts, the longest first: details may follow, and one text may begin another. */
const CODES = (Object.keys(ERRORS) as ErrorCode[])
  .map((code) => ({ code, text: errorText(code) }))
  .sort((a, b) => b.text.length - a.text.length);

/** Errors that say "no" without promising that a repetition may help: nothing was executed. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['ENTRY_TOO_LARGE', 'NO_AUTH', 'UNKNOWN_STORE']);
/** Errors that say themselves that the outcome is unknown, and are to be expected where things fail. */
const UNKNOWN: ReadonlySet<ErrorCode> = new Set(['TIMEOUT', 'LOG_FAILED']);

export function classifyReply(operation: Operation, kind: ReplyKind, text: string): Classified {
  if (kind === REPLY_KINDS.error) return classifyError(text);
  const result = resultOf(operation, kind, text);
  if (result === NO_RESULT) {
    return {
      outcome: 'unknown',
      reason: 'odd reply',
      defect: `${operation.kind} was answered with ${nameOf(kind)} ${text.slice(0, 64)}`,
    };
  }
  return { outcome: 'ok', result };
}

function classifyError(text: string): Classified {
  const found = CODES.find((each) => text.startsWith(each.text))?.code;
  const reason = text.split(' ', 1)[0];
  if (found !== undefined && (ERRORS[found].retriable || REFUSALS.has(found))) {
    return { outcome: 'failed', reason: found === 'LOG_REFUSES' ? `${reason} (refused)` : reason };
  }
  if (found !== undefined && UNKNOWN.has(found)) {
    return { outcome: 'unknown', reason: found === 'LOG_FAILED' ? `${reason} (unknown)` : reason };
  }
  return { outcome: 'unknown', reason, defect: `a client got -${text}` };
}

const NO_RESULT = Symbol('no result');

function resultOf({ kind, key }: Operation, reply: ReplyKind, text: string): Result | typeof NO_RESULT {
  const isNil = reply === REPLY_KINDS.nil;
  switch (kind) {
    case 'read':
      if (isNil) return null;
      return reply === REPLY_KINDS.bulk ? (isCounter(key) ? text : tokenIn(text)) : NO_RESULT;
    case 'write':
      return reply === REPLY_KINDS.ok && text === 'OK' ? undefined : NO_RESULT;
    case 'set-if-absent':
      if (isNil) return false;
      return reply === REPLY_KINDS.ok && text === 'OK' ? true : NO_RESULT;
    case 'delete':
      return reply === REPLY_KINDS.integer && (text === '0' || text === '1') ? text === '1' : NO_RESULT;
    case 'increment':
      return reply === REPLY_KINDS.integer && Number.isSafeInteger(Number(text)) ? Number(text) : NO_RESULT;
  }
}

function nameOf(kind: ReplyKind): string {
  return Object.entries(REPLY_KINDS).find(([, value]) => value === kind)?.[0] ?? '';
}
