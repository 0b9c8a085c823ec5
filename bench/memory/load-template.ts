/**
 * Commands that store one entry each, as bytes: the same but for the digits of the key's number, so that a loader
 * copies a template and patches it. Keys of 12 bytes, values of 32, and one answer for every command.
 */

export const KEY_BYTES = 12;
export const VALUE_BYTES = 32;
export const PAYLOAD_BYTES = KEY_BYTES + VALUE_BYTES;
const KEY_PREFIX = 'key:';
const NUMBER_DIGITS = KEY_BYTES - KEY_PREFIX.length;
export const MAX_KEYS = 10 ** NUMBER_DIGITS;
const ZERO = 0x30;
/** Where the digits begin in a key. */
export const DIGITS_AT = KEY_PREFIX.length;
const ANY_KEY = KEY_PREFIX + '0'.repeat(NUMBER_DIGITS);
const VALUE = 'v'.repeat(VALUE_BYTES);

export interface LoadTemplate {
  readonly bytes: Buffer;
  /** Where the digits of the key's number begin. */
  readonly digitsAt: number;
  /** What the server answers to every command. */
  readonly reply: Buffer;
}

function template(text: string, reply: string): LoadTemplate {
  return {
    bytes: Buffer.from(text, 'latin1'),
    digitsAt: text.indexOf(ANY_KEY) + DIGITS_AT,
    reply: Buffer.from(reply, 'latin1'),
  };
}

/** `SET key value [EX seconds]`; 0 seconds: without an expiry. */
export function respTemplate(ttlSeconds: number): LoadTemplate {
  const args = ['SET', ANY_KEY, VALUE, ...(ttlSeconds > 0 ? ['EX', String(ttlSeconds)] : [])];
  const bulks = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
  return template(`*${args.length}\r\n${bulks.join('')}`, '+OK\r\n');
}

/** `set key flags exptime bytes` of memcached's text protocol. */
export function memcachedTemplate(ttlSeconds: number): LoadTemplate {
  return template(`set ${ANY_KEY} 0 ${ttlSeconds} ${VALUE_BYTES}\r\n${VALUE}\r\n`, 'STORED\r\n');
}

/** The key as the templates write it. */
export const keyOf = (number: number): string => KEY_PREFIX + String(number).padStart(NUMBER_DIGITS, '0');

/** Writes the digits of a number below {@link MAX_KEYS}. */
export function writeDigits(target: Uint8Array, offset: number, number: number): void {
  let rest = number;
  for (let digit = NUMBER_DIGITS - 1; digit >= 0; digit--) {
    target[offset + digit] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** The number of the key at `offset`. */
export function numberOf(source: Uint8Array, offset: number): number {
  let number = 0;
  for (let at = offset + DIGITS_AT; at < offset + KEY_BYTES; at++) number = 10 * number + source[at] - ZERO;
  return number;
}
