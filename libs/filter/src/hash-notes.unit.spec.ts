import fc from 'fast-check';
import { HashNotes } from './hash-notes.js';

const hash = fc.tuple(fc.integer(), fc.integer());

describe('HashNotes', () => {
  it('has all that was noted, and next to nothing else', () => {
    fc.assert(
      fc.property(fc.array(hash, { maxLength: 300 }), fc.array(hash, { maxLength: 50 }), (noted, others) => {
        const notes = new HashNotes(1_000);
        let bytes = 0;
        for (const [high, low] of noted) bytes += notes.add(high, low, true);
        expect(notes.bytes).toBe(bytes);
        expect(noted.every(([high, low]) => notes.has(high, low))).toBe(true);
        const prints = new Set(noted.map(([high, low]) => `${high} ${low}`));
        const wrong = others.filter(([high, low]) => !prints.has(`${high} ${low}`) && notes.has(high, low));
        // Small numbers, which fast-check prefers, may come out alike; 64 random bits do not.
        expect(wrong.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('takes no more memory for what is noted again', () => {
    const notes = new HashNotes(1_000);
    for (let i = 0; i < 100; i++) for (let j = 0; j < 8; j++) notes.add(j, j, true);
    expect(notes.bytes).toBe(64);
  });

  it('has everything once it is full, at its bound or for want of memory', () => {
    const bounded = new HashNotes(10);
    for (let i = 0; i < 10; i++) bounded.add(i * 7919, i, true);
    expect([bounded.isFull, bounded.has(99, 99)]).toEqual([false, false]);
    bounded.add(1 << 20, 1, true);
    expect([bounded.isFull, bounded.has(99, 99)]).toEqual([true, true]);

    const poor = new HashNotes(100);
    expect(poor.add(1, 1, true)).toBe(64);
    for (let i = 2; i < 9; i++) expect(poor.add(i, i * 31, false)).toBe(0);
    expect(poor.isFull).toBe(false);
    expect(poor.add(9, 9 * 31, false)).toBe(0);
    expect([poor.isFull, poor.has(99, 99)]).toEqual([true, true]);
  });

  it('has nothing at first', () => {
    const notes = new HashNotes(10);
    expect(notes.has(0, 0)).toBe(false);
    notes.fill();
    expect(notes.has(0, 0)).toBe(true);
  });
});
