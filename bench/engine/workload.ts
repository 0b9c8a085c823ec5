/**
 * What both subjects of the engine suite store and are asked for: keys of 12 bytes, values of 32. Keys come as bytes in a
 * stream, one behind the other as they arrive in a socket's buffer; whoever needs strings makes them within the measured
 * time. (Keys picked at random from one large table would be a cache miss that no server has.)
 */
import { partitionShift, slotOfKey } from '#libs/kernel';

export const KEY_BYTES = 12;
export const VALUE_BYTES = 32;
export const PARTITIONS = 256;
const NUMBER_DIGITS = 8;
const ZERO = 0x30;

/** Requests in the order in which they come; request i's key begins at i * KEY_BYTES. */
export interface KeyStream {
  readonly keys: Buffer;
  /** Of each key, computed beforehand: a storage node gets it with the operation. */
  readonly partitions: Uint16Array;
}

/** Requests for `prefix` and eight digits, for each number in the order given. */
export function makeStream(prefix: string, numbers: Uint32Array): KeyStream {
  const keys = Buffer.alloc(numbers.length * KEY_BYTES);
  const partitions = new Uint16Array(numbers.length);
  const shift = partitionShift(PARTITIONS);
  for (let i = 0; i < numbers.length; i++) {
    keys.write(prefix, i * KEY_BYTES, 'latin1');
    let rest = numbers[i];
    for (let digit = NUMBER_DIGITS - 1; digit >= 0; digit--) {
      keys[i * KEY_BYTES + KEY_BYTES - NUMBER_DIGITS + digit] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    partitions[i] = slotOfKey(keys, i * KEY_BYTES, KEY_BYTES) >>> shift;
  }
  return { keys, partitions };
}

/** All numbers below `count` in order. */
export function inOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/** All numbers below `count` in an order that looks random and is the same each time (Fisher-Yates with xorshift32). */
export function shuffled(count: number): Uint32Array {
  const order = inOrder(count);
  let state = 0x9e3779b9;
  for (let last = count - 1; last > 0; last--) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (last + 1);
    const kept = order[last];
    order[last] = order[other];
    order[other] = kept;
  }
  return order;
}
