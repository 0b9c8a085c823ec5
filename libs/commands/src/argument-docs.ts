import type { ArgumentDoc } from './command-row.js';

/** The building blocks of the arguments that COMMAND DOCS and the reference describe. */

export const KEY: ArgumentDoc = { name: 'key', type: 'key' };
export const KEYS: ArgumentDoc = { name: 'key', type: 'key', multiple: true };
export const VALUE: ArgumentDoc = { name: 'value', type: 'string' };
export const KEY_VALUES: ArgumentDoc = { name: 'key_value', type: 'block', multiple: true, arguments: [KEY, VALUE] };

/** A word that stands for itself, such as `NX`. */
export function word(token: string, more: Partial<ArgumentDoc> = {}): ArgumentDoc {
  return { name: token.toLowerCase(), type: 'pure-token', token, ...more };
}

export function oneOf(name: string, choices: readonly ArgumentDoc[], more: Partial<ArgumentDoc> = {}): ArgumentDoc {
  return { name, type: 'oneof', arguments: choices, ...more };
}

export const ON_OFF: ArgumentDoc = oneOf('enabled', [word('ON'), word('OFF')]);

/** `EX s | PX ms | EXAT s | PXAT ms` and whatever the command adds. */
export function expirationDoc(last: ArgumentDoc): ArgumentDoc {
  return oneOf(
    'expiration',
    [
      { name: 'seconds', type: 'integer', token: 'EX' },
      { name: 'milliseconds', type: 'integer', token: 'PX' },
      { name: 'unix-time-seconds', type: 'unix-time', token: 'EXAT' },
      { name: 'unix-time-milliseconds', type: 'unix-time', token: 'PXAT' },
      last,
    ],
    { optional: true },
  );
}

export const EXPIRE_CONDITION: ArgumentDoc = oneOf('condition', [word('NX'), word('XX'), word('GT'), word('LT')], {
  optional: true,
  since: '7.0.0',
});

export const FLUSH_MODE: ArgumentDoc = oneOf(
  'async',
  [word('ASYNC', { since: '4.0.0' }), word('SYNC', { since: '6.2.0' })],
  { optional: true },
);
