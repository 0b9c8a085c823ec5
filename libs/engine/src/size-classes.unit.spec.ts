import fc from 'fast-check';
import { CLASS_COUNT, ClassSet, classForRequest, classOfBlock, unitsOfClass } from './size-classes.js';

const units = fc
  .tuple(fc.nat(25), fc.integer({ min: 1, max: 2 ** 26 }))
  .map(([shift, size]) => Math.max(1, size >>> shift));

describe('size classes', () => {
  it('never lead a request to a block that is too small', () => {
    fc.assert(
      fc.property(units, units, (request, block) => {
        if (classOfBlock(block) >= classForRequest(request)) expect(block).toBeGreaterThanOrEqual(request);
        if (block <= request) expect(classOfBlock(block)).toBeLessThanOrEqual(classOfBlock(request));
        expect(classForRequest(request)).toBeLessThan(CLASS_COUNT);
      }),
      { numRuns: 2000 },
    );
  });

  it('know their smallest block', () => {
    fc.assert(
      fc.property(units, (block) => {
        const smallest = unitsOfClass(classOfBlock(block));
        expect(smallest).toBeLessThanOrEqual(block);
        expect(classOfBlock(smallest)).toBe(classOfBlock(block));
        if (smallest > 1) expect(classOfBlock(smallest - 1)).toBeLessThan(classOfBlock(block));
      }),
      { numRuns: 2000 },
    );
  });

  it('are one size each for small blocks', () => {
    for (let size = 1; size < 80; size++)
      expect(classOfBlock(size)).toBe(size < 66 ? Math.min(size, 64) : 64 + ((size - 64) >> 1));
  });

  it('are found by the set in order', () => {
    const sizeClass = fc.nat(CLASS_COUNT - 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), sizeClass)), sizeClass, (changes, from) => {
        const set = new ClassSet();
        const model = new Set<number>();
        for (const [add, member] of changes) {
          if (add) set.add(member);
          else set.remove(member);
          if (add) model.add(member);
          else model.delete(member);
        }
        const later = [...model].filter((member) => member >= from);
        expect(set.firstFrom(from)).toBe(later.length === 0 ? -1 : Math.min(...later));
      }),
    );
  });
});
