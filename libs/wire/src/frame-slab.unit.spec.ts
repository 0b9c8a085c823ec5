import { FrameSlab } from './frame-slab.js';

const KIB = 1024;
const frameOf = (fill: number, length: number): Uint8Array => new Uint8Array(length).fill(fill);

describe('FrameSlab', () => {
  it('copies frames that stay as they are while the source is reused', () => {
    const slab = new FrameSlab();
    const source = frameOf(1, 100);
    const first = slab.copy(source, 60);
    source.fill(2);
    const second = slab.copy(source, 100);
    expect([...first]).toEqual([...frameOf(1, 60)]);
    expect([...second]).toEqual([...frameOf(2, 100)]);
  });

  it('gives large frames a buffer of their own', () => {
    const slab = new FrameSlab();
    const large = slab.copy(frameOf(3, 300 * KIB), 300 * KIB);
    expect(large.buffer.byteLength).toBe(300 * KIB);
    slab.giveBack(large);
    expect(large[0]).toBe(3);
  });

  it('never touches a frame that has not been given back', () => {
    const slab = new FrameSlab();
    const kept = Array.from({ length: 40 }, (_, i) => slab.copy(frameOf(i, 100 * KIB), 100 * KIB));
    kept.forEach((frame, i) => expect(frame.every((byte) => byte === i)).toBe(true));
  });

  it('uses the memory of frames that were given back again', () => {
    const slab = new FrameSlab();
    const memory = new Set<ArrayBufferLike>();
    for (let i = 0; i < 100; i++) {
      const frames = [0, 1, 2].map((n) => slab.copy(frameOf(n, 200 * KIB), 200 * KIB));
      for (const frame of frames) memory.add(frame.buffer);
      for (const frame of frames) slab.giveBack(frame);
    }
    expect(memory.size).toBeLessThanOrEqual(2);
  });

  it('lends memory for frames that the caller fills', () => {
    const slab = new FrameSlab();
    const taken = slab.take(100).fill(4);
    const large = slab.take(300 * KIB);
    expect(slab.copy(frameOf(5, 100), 100)).toEqual(frameOf(5, 100));
    expect([taken.length, taken[99], large.length]).toEqual([100, 4, 300 * KIB]);
  });

  it('ignores frames of others', () => {
    const slab = new FrameSlab();
    slab.giveBack(frameOf(1, 10));
    expect(slab.copy(frameOf(2, 10), 10)).toEqual(frameOf(2, 10));
  });
});
