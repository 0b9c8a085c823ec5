/** The commands that simulated clients send, and what their replies tell about each key. */
import { latin1Text, utf8Text } from '#libs/kernel';
import { encodeCommand, RespError, type RespValue } from '#libs/resp';
import type { Answer, KeyAction, OperationOutcome } from './history.js';

export interface KeyStep {
  readonly key: string;
  readonly action: KeyAction;
}

export interface ClientCommand {
  readonly words: readonly string[];
  /** What it does to each of its keys; empty for commands without keys. */
  readonly steps: readonly KeyStep[];
}

export const set = (key: string, value: string): ClientCommand => ({
  words: ['SET', key, value],
  steps: [{ key, action: { kind: 'set', value } }],
});
export const get = (key: string): ClientCommand => ({ words: ['GET', key], steps: [{ key, action: { kind: 'get' } }] });
export const remove = (key: string): ClientCommand => ({
  words: ['DEL', key],
  steps: [{ key, action: { kind: 'delete' } }],
});
export const increment = (key: string): ClientCommand => ({
  words: ['INCR', key],
  steps: [{ key, action: { kind: 'increment' } }],
});
export const append = (key: string, value: string): ClientCommand => ({
  words: ['APPEND', key, value],
  steps: [{ key, action: { kind: 'append', value } }],
});
export const getAll = (keys: readonly string[]): ClientCommand => ({
  words: ['MGET', ...keys],
  steps: keys.map((key) => ({ key, action: { kind: 'get' } })),
});
export const setAll = (pairs: readonly (readonly [key: string, value: string])[]): ClientCommand => ({
  words: ['MSET', ...pairs.flat()],
  steps: pairs.map(([key, value]) => ({ key, action: { kind: 'set', value } })),
});
export const echo = (text: string): ClientCommand => ({ words: ['ECHO', text], steps: [] });

export function encode(command: ClientCommand): Uint8Array {
  return encodeCommand(command.words);
}

/** Errors after which nothing was executed, and the one after which nobody knows. */
const WITHOUT_EFFECT = new Set(['CLUSTERDOWN', 'TRYAGAIN', 'BUSY', 'OOM']);
const OUTCOME_UNKNOWN = 'TIMEOUT';

export interface CommandResult {
  readonly outcome: OperationOutcome;
  /** By step, where the outcome is `ok`. */
  readonly answers: readonly Answer[];
  /** What is wrong with the reply itself. */
  readonly finding: string | undefined;
}

export const NO_ANSWER: CommandResult = { outcome: 'unknown', answers: [], finding: undefined };

export function interpret(command: ClientCommand, reply: RespValue): CommandResult {
  if (reply instanceof RespError) return interpretError(command, reply);
  const answers = answersOf(command, reply);
  if (answers === undefined) return { ...NO_ANSWER, finding: `${command.words.join(' ')} answered ${printed(reply)}` };
  return { outcome: 'ok', answers, finding: undefined };
}

/** Of a command over several keys some may have been executed, whatever the error of another says. */
function interpretError(command: ClientCommand, { code, message }: RespError): CommandResult {
  if (code === OUTCOME_UNKNOWN) return NO_ANSWER;
  if (!WITHOUT_EFFECT.has(code)) return { ...NO_ANSWER, finding: `${command.words.join(' ')} answered -${message}` };
  return { outcome: command.steps.length > 1 ? 'unknown' : 'failed', answers: [], finding: undefined };
}

/** Undefined where the reply is not one of this command. */
function answersOf({ words, steps }: ClientCommand, reply: RespValue): Answer[] | undefined {
  switch (words[0]) {
    case 'SET':
    case 'MSET':
      return reply === 'OK' ? steps.map(() => 'OK') : undefined;
    case 'GET':
      return isText(reply) ? [textOf(reply)] : undefined;
    case 'MGET':
      return Array.isArray(reply) && reply.length === steps.length && reply.every(isText)
        ? reply.map(textOf)
        : undefined;
    case 'ECHO':
      return reply instanceof Uint8Array && utf8Text(reply) === words[1] ? [] : undefined;
    default:
      return typeof reply === 'number' ? [reply] : undefined;
  }
}

function isText(reply: RespValue): reply is Uint8Array | null {
  return reply === null || reply instanceof Uint8Array;
}

function textOf(reply: Uint8Array | null): string | null {
  return reply === null ? null : utf8Text(reply);
}

function printed(reply: RespValue): string {
  if (reply instanceof Uint8Array) return `"${latin1Text(reply, 0, reply.length)}"`;
  return Array.isArray(reply) ? `[${reply.map((item: RespValue) => printed(item)).join(', ')}]` : String(reply);
}
