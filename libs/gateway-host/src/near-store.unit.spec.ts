import { encodeFilterCopy } from '#libs/filter';
import { BOUNDS, latin1Bytes } from '#libs/kernel';

import { NearMemory } from './near-memory.js';
import { NearStore } from './near-store.js';

const EMPTY = encodeFilterCopy({ slots: 100, bits: 8, words: new Uint32Array(27) }, '1.5');
const WORD_BYTES = 27 * 4;

function storeOf(memory = new NearMemory()): NearStore {
  return new NearStore(1, 2, 1_000, memory);
}

function encodeBulk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([latin1Bytes(`$${bytes.length}\r\n`), bytes, latin1Bytes('\r\n')]);
}

/** Asks for a copy and lets `reply` be the answer. */
function fetch(store: NearStore, reply: Uint8Array, nowMs = 0, epoch = 1): readonly string[] {
  const words = store.ask(0, epoch, nowMs);
  store.onReply(0, reply, 0, reply.length);
  return words;
}

describe('NearStore', () => {
  it('asks with the version that it has under the epoch of the partition', () => {
    const store = storeOf();
    expect(fetch(store, encodeBulk(EMPTY))).toEqual(['HC.FILTERCOPY', '-']);
    expect(fetch(store, latin1Bytes('+same\r\n'), 500)).toEqual(['HC.FILTERCOPY', '1.5']);
    expect(store.figures).toEqual({ hits: 0, copies: 1, bytes: WORD_BYTES, refreshes: 2 });
    expect([store.isFresh(0, 1_500), store.isFresh(0, 1_501)]).toEqual([true, false]);
    expect(fetch(store, latin1Bytes('$-1\r\n'), 1_000, 2)).toEqual(['HC.FILTERCOPY', '-']);
    expect(store.figures).toMatchObject({ copies: 0, bytes: 0 });
    expect(store.isAbsent(0, 2, 1, 1)).toBe(false);
  });

  it('is due twice in the time permitted, and not while a copy is on its way', () => {
    const store = storeOf();
    expect(store.isDue(0, 0)).toBe(true);
    store.ask(0, 1, 100);
    expect([store.isDue(0, 5_000), store.isDue(1, 100)]).toEqual([false, true]);
    store.onReply(0, latin1Bytes('-BUSY\r\n'), 0, 7);
    expect([store.isDue(0, 599), store.isDue(0, 600)]).toEqual([false, true]);
  });

  it('keeps the copy of before where the answer is an error or not a copy', () => {
    const store = storeOf();
    fetch(store, encodeBulk(EMPTY));
    for (const text of ['-TIMEOUT\r\n', ':5\r\n', '$3\r\nabc\r\n', 'nonsense', '+other\r\n']) {
      fetch(store, latin1Bytes(text), 900);
      expect(store.isAbsent(0, 1, 7, 7)).toBe(true);
      expect([store.isFresh(0, 1_000), store.isFresh(0, 1_001)]).toEqual([true, false]);
    }
  });

  it('says of no key that it is absent once any may have been written', () => {
    const store = storeOf();
    fetch(store, encodeBulk(EMPTY));
    expect(store.isAbsent(0, 1, 7, 7)).toBe(true);
    store.noteAll();
    expect(store.isAbsent(0, 1, 7, 7)).toBe(false);
    fetch(store, latin1Bytes('+same\r\n'), 500);
    expect(store.isAbsent(0, 1, 7, 7)).toBe(true);
    for (let i = 0; i < BOUNDS.maxNearFilterNotes; i++) store.note(0, i * 7919, i);
    expect(store.isAbsent(0, 1, 1 << 29, 7)).toBe(true);
    store.note(0, 3, 1 << 20);
    expect(store.isAbsent(0, 1, 1 << 29, 7)).toBe(false);
  });

  it('takes no more memory than there is, and gives all of it back', () => {
    const poor = new NearMemory(WORD_BYTES - 1);
    const refused = storeOf(poor);
    fetch(refused, encodeBulk(EMPTY));
    expect([refused.figures.copies, poor.usedBytes, refused.isAbsent(0, 1, 7, 7)]).toEqual([0, 0, false]);

    const memory = new NearMemory();
    const store = storeOf(memory);
    fetch(store, encodeBulk(EMPTY));
    store.ask(0, 1, 500);
    for (let i = 0; i < 100; i++) store.note(0, i * 7919, i);
    expect(store.bytes).toBe(memory.usedBytes);
    expect(memory.usedBytes).toBe(WORD_BYTES + 2 * 256 * 4);
    store.close();
    expect([memory.usedBytes, memory.fetches]).toEqual([0, 1]);
    store.onReply(0, encodeBulk(EMPTY), 0, encodeBulk(EMPTY).length);
    expect([memory.usedBytes, memory.fetches]).toEqual([0, 0]);
    expect(store.isAbsent(0, 1, 7, 7)).toBe(false);
  });
});
