import fc from 'fast-check';
import { Arena, MIN_SEGMENT_BYTES, UNIT_BYTES } from './arena.js';
import { MemoryBudget } from './memory-budget.js';

/** A segment of the tests has 63 units beside its bitmap. */
const BITMAP_BYTES = UNIT_BYTES;

interface Block {
  readonly address: number;
  readonly units: number;
  readonly fill: number;
}

function setUp(limitBytes = 1 << 20): { arena: Arena; budget: MemoryBudget } {
  const budget = new MemoryBudget(limitBytes);
  return { arena: new Arena(MIN_SEGMENT_BYTES, budget), budget };
}

function bytesOf(arena: Arena, { address, units }: Block): Uint8Array {
  const offset = (address & arena.unitMask) * UNIT_BYTES;
  return arena.bytes[address >>> arena.unitShift].subarray(offset, offset + units * UNIT_BYTES);
}

describe('Arena', () => {
  it('keeps blocks apart, counts exactly and ends up whole, whatever is allocated and freed', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 }));
    const step = fc.oneof(fc.record({ units: size }), fc.record({ free: fc.nat() }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { arena, budget } = setUp(256 * 1024);
        const blocks: Block[] = [];
        steps.forEach((change, index) => {
          if ('units' in change) {
            const block = { address: arena.allocate(change.units), units: change.units, fill: index & 255 };
            if (block.address === 0) return;
            bytesOf(arena, block).fill(block.fill);
            blocks.push(block);
          } else if (blocks.length > 0) {
            const [block] = blocks.splice(change.free % blocks.length, 1);
            expect(bytesOf(arena, block).every((byte) => byte === block.fill)).toBe(true);
            arena.free(block.address, block.units);
          }
          const usedUnits = blocks.reduce((sum, block) => sum + block.units, 0);
          expect(budget.usedBytes).toBe(usedUnits * UNIT_BYTES + arena.bitmapBytes);
          expect(budget.usedBytes + budget.freeBytes).toBe(budget.reservedBytes);
          expect(budget.usedBytes).toBeLessThanOrEqual(budget.limitBytes);
        });
        for (const block of blocks) expect(bytesOf(arena, block).every((byte) => byte === block.fill)).toBe(true);
        for (const block of blocks) arena.free(block.address, block.units);
        expect(budget.usedBytes).toBe(arena.bitmapBytes);
        expect(budget.reservedBytes).toBeLessThanOrEqual(MIN_SEGMENT_BYTES);
      }),
      { numRuns: 200 },
    );
  });

  it('uses freed memory again before it takes more', () => {
    const { arena, budget } = setUp();
    const addresses = Array.from({ length: 7 }, () => arena.allocate(9));
    expect(budget.reservedBytes).toBe(MIN_SEGMENT_BYTES);
    for (const address of addresses) arena.free(address, 9);
    expect(arena.allocate(31)).not.toBe(0);
    expect(arena.allocate(31)).not.toBe(0);
    expect(budget.reservedBytes).toBe(MIN_SEGMENT_BYTES);
  });

  it('gives large blocks a segment of their size, and the memory back with them', () => {
    const { arena, budget } = setUp();
    const address = arena.allocate(625);
    expect(budget.reservedBytes).toBe(40_000);
    expect(budget.freeBytes).toBe(0);
    const second = arena.allocate(33);
    arena.free(address, 625);
    expect(budget.reservedBytes).toBe(33 * UNIT_BYTES);
    expect(arena.allocate(38)).toBe(address);
    arena.free(second, 33);
    expect(budget.usedBytes).toBe(38 * UNIT_BYTES);
  });

  it('keeps one empty segment and gives back the others', () => {
    const { arena, budget } = setUp();
    const addresses = Array.from({ length: 10 }, () => arena.allocate(31));
    expect(budget.reservedBytes).toBe(5 * MIN_SEGMENT_BYTES);
    for (const address of addresses) arena.free(address, 31);
    expect(budget.reservedBytes).toBe(MIN_SEGMENT_BYTES);
    expect(budget.usedBytes).toBe(BITMAP_BYTES);
  });

  it('refuses what exceeds the limit, bitmaps included, and changes nothing then', () => {
    const { arena, budget } = setUp(BITMAP_BYTES + 30 * UNIT_BYTES);
    expect(arena.allocate(31)).toBe(0);
    expect(arena.allocate(1000)).toBe(0);
    expect(budget).toMatchObject({ usedBytes: 0, reservedBytes: 0, freeBytes: 0 });
    const address = arena.allocate(30);
    expect(address).not.toBe(0);
    expect(arena.allocate(1)).toBe(0);
    expect(arena.allocate(30, 30 * UNIT_BYTES)).not.toBe(0);
    expect(budget.charge(1)).toBe(false);
  });

  it('answers 0 when addresses run out', () => {
    const budget = new MemoryBudget(Infinity);
    const arena = new Arena(256 * 1024 * 1024, budget);
    arena.bytes.length = 512;
    expect(arena.allocate(1)).toBe(0);
    expect(arena.allocate(2 ** 24 + 1)).toBe(0);
  });

  it('answers 0 when the process has no memory', () => {
    const { arena } = setUp(Infinity);
    expect(arena.allocate(2 ** 50)).toBe(0);
  });

  it('refuses segment sizes that addresses do not suit', () => {
    const budget = new MemoryBudget(0);
    expect(() => new Arena(5000, budget)).toThrow('power of two');
    expect(() => new Arena(2048, budget)).toThrow('out of range');
  });

  it('knows which free memory is in pieces too small for what is stored', () => {
    const { arena } = setUp();
    expect(arena.unusableBytes()).toBe(0);
    const addresses = Array.from({ length: 10 }, (_, index) => arena.allocate(index % 2 === 0 ? 3 : 9));
    addresses.forEach((address, index) => index % 2 === 0 && arena.free(address, 3));
    expect(arena.unusableBytes()).toBe((5 * 3 + 3) * UNIT_BYTES);
    arena.allocate(3);
    expect(arena.unusableBytes()).toBe(0);
    for (let i = 0; i < 200; i++) arena.allocate(9);
    expect(arena.unusableBytes()).toBeGreaterThanOrEqual(4 * 3 * UNIT_BYTES);
  });

  it('leaves few rests that nothing fits in, however long blocks of many sizes come and go', () => {
    const budget = new MemoryBudget(Infinity);
    const arena = new Arena(1 << 20, budget);
    const blocks: { readonly address: number; readonly units: number }[] = [];
    let state = 7;
    const next = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let usedUnits = 0;
    let worst = 0;
    for (let i = 0; i < 60_000; i++) {
      const units = 17 + next(112);
      blocks.push({ address: arena.allocate(units), units });
      usedUnits += units;
      while (usedUnits > (16 << 20) / UNIT_BYTES) {
        const place = next(blocks.length);
        const block = blocks[place];
        blocks[place] = blocks[blocks.length - 1];
        blocks.pop();
        arena.free(block.address, block.units);
        usedUnits -= block.units;
      }
      if (i % 500 === 0) worst = Math.max(worst, arena.unusableBytes() / budget.reservedBytes);
    }
    expect(worst).toBeLessThan(0.01);
  });
});
