/**
 * What both subjects of the engine suite store: keys of 12 bytes, values of 32, and the order in which they are asked
 * for. Keys come as bytes, as from a socket; whoever needs strings makes them within the measured time.
 */

export const KEY_BYTES = 12;
export const VALUE_BYTES = 32;
const NUMBER_DIGITS = 8;
const ZERO = 0x30;

/** `prefix` and eight digits for each number below `count`, one behind the other. */
export function makeKeys(prefix: string, count: number): Buffer {
  const keys = Buffer.alloc(count * KEY_BYTES);
  for (let i = 0; i < count; i++) {
    keys.write(prefix, i * KEY_BYTES, 'latin1');
    let rest = i;
    for (let digit = NUMBER_DIGITS - 1; digit >= 0; digit--) {
      keys[i * KEY_BYTES + KEY_BYTES - NUMBER_DIGITS + digit] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
  return keys;
}

/** All numbers below `count` in an order that looks random and is the same each time (Fisher-Yates with xorshift32). */
export function shuffledOrder(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
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
