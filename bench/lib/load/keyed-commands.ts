/**
 * Commands of a load as bytes. A value names its key and its version and goes on with a pattern, so that every value
 * which comes back can be checked to its last byte.
 */
const DIGITS = 9;
const ZERO = 0x30;
/** Larger numbers do not fit their digits. */
export const MAX_NUMBER = 10 ** DIGITS - 1;
const PREFIX = 'key:';
const KEY_BYTES = PREFIX.length + DIGITS;
/** Key and version, each with a colon behind it. */
export const MIN_VALUE_BYTES = 2 * (DIGITS + 1);
const PATTERN = 'abcdefghijklmnopqrstuvwxyz';

export class KeyedCommands {
  private readonly get: Buffer;
  private readonly set: Buffer;
  private readonly value: Buffer;
  /** Where the value begins in a SET. */
  private readonly valueAt: number;

  constructor(valueBytes: number) {
    if (valueBytes < MIN_VALUE_BYTES) throw new RangeError(`a value has at least ${MIN_VALUE_BYTES} bytes`);
    const zeros = '0'.repeat(DIGITS);
    const head = `${zeros}:${zeros}:`;
    const pattern = PATTERN.repeat(Math.ceil(valueBytes / PATTERN.length));
    this.value = Buffer.from(`${head}${pattern}`.slice(0, valueBytes), 'latin1');
    const key = `$${KEY_BYTES}\r\n${PREFIX}${zeros}\r\n`;
    this.get = Buffer.from(`*2\r\n$3\r\nGET\r\n${key}`, 'latin1');
    const before = `*3\r\n$3\r\nSET\r\n${key}$${valueBytes}\r\n`;
    this.valueAt = before.length;
    this.set = Buffer.concat([Buffer.from(before, 'latin1'), this.value, Buffer.from('\r\n', 'latin1')]);
  }

  /** Bytes of the longest command. */
  get maxBytes(): number {
    return this.set.length;
  }

  /** Both answer the position behind what they have written. */
  writeGet(target: Buffer, at: number, key: number): number {
    const { get } = this;
    target.set(get, at);
    const end = at + get.length;
    writeDigits(target, end - 2 - DIGITS, key);
    return end;
  }

  writeSet(target: Buffer, at: number, key: number, version: number): number {
    const { set, valueAt } = this;
    target.set(set, at);
    const value = at + valueAt;
    const lengthBytes = String(this.value.length).length + 3;
    writeDigits(target, value - lengthBytes - 2 - DIGITS, key);
    writeDigits(target, value, key);
    writeDigits(target, value + DIGITS + 1, version);
    return at + set.length;
  }

  /** The version that a value is of; -1 where it is not a value of that key. */
  versionIn(bytes: Buffer, at: number, length: number, key: number): number {
    const { value } = this;
    if (length !== value.length || digitsAt(bytes, at) !== key) return -1;
    const rest = 2 * (DIGITS + 1) - 1;
    if (bytes.compare(value, rest, value.length, at + rest, at + length) !== 0) return -1;
    return bytes[at + DIGITS] === value[DIGITS] ? digitsAt(bytes, at + DIGITS + 1) : -1;
  }
}

function writeDigits(target: Buffer, at: number, number: number): void {
  let rest = number;
  for (let i = at + DIGITS - 1; i >= at; i--) {
    const next = Math.trunc(rest / 10);
    target[i] = ZERO + (rest - 10 * next);
    rest = next;
  }
}

/** -1 where something else stands there. */
function digitsAt(bytes: Buffer, at: number): number {
  let number = 0;
  for (let i = at; i < at + DIGITS; i++) {
    const digit = bytes[i] - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = 10 * number + digit;
  }
  return number;
}
