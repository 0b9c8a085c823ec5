// Memory refused at each single allocation of a change: the collection is as it was, and nothing has leaked.
import { latin1Bytes } from '#libs/kernel';
import { Arena } from '../arena.js';
import { MemoryBudget } from '../memory-budget.js';
import { CHANGE } from './collection-slot.js';
import { TestSlot, elementOf, keyText } from './collections.support.spec.js';
import { Collections } from './collections.js';

class StingyArena extends Arena {
  /** Allocations that are still granted. */
  grants = Infinity;

  override allocate(units: number, creditBytes = 0): number {
    if (this.grants <= 0) return 0;
    this.grants--;
    return super.allocate(units, creditBytes);
  }
}

/** Members that share long prefixes, so that separators need blocks too. */
function memberOf(number: number): string {
  return number % 3 === 0 ? `${'shared'.repeat(60)}${number}` : `member${number}`;
}

function setUp(): { arena: StingyArena; collections: Collections; slot: TestSlot } {
  const arena = new StingyArena(1 << 20, new MemoryBudget(Infinity));
  return { arena, collections: new Collections(arena, 3), slot: new TestSlot() };
}

function contents(collections: Collections, slot: TestSlot): string[] {
  const cursor = collections.cursor();
  const elements: string[] = [];
  for (let on = cursor.open(slot); on; on = cursor.forward()) {
    elements.push(`${keyText(cursor.element)}=${cursor.element.score}`);
  }
  return elements;
}

describe('a collection that is refused memory', () => {
  it.each(['hashes', 'sortedSets'] as const)('stays as it was, whichever allocation of a change fails: %s', (type) => {
    const { arena, collections, slot } = setUp();
    let refused = 0;
    for (let i = 0; i < 1_500; i++) {
      const number = (i * 7919) % 1_500;
      const element = elementOf(memberOf(number), 'v'.repeat(number % 700), number % 40);
      const before = i % 50 === 0 ? contents(collections, slot) : undefined;
      const { usedBytes } = collections;
      for (let grants = 0; ; grants++) {
        arena.grants = grants;
        if (collections[type].put(slot, element) === CHANGE.ADDED) break;
        refused++;
        if (type === 'hashes') expect(collections.usedBytes).toBe(usedBytes);
        if (before !== undefined) expect(contents(collections, slot)).toEqual(before);
      }
    }
    expect(refused).toBeGreaterThan(500);
    expect(collections[type].count(slot)).toBe(1_500);
    collections.release(slot.buffer, slot.valueOffset);
    while (collections.hasReleased) collections.reclaim(100);
    expect(collections.usedBytes).toBe(0);
  });

  it('loses elements without any memory', () => {
    const { arena, collections, slot } = setUp();
    const { sortedSets } = collections;
    for (let i = 0; i < 2_000; i++) sortedSets.put(slot, elementOf(memberOf(i), '', i % 40));
    arena.grants = 0;
    for (let i = 0; i < 2_000; i++) {
      const member = latin1Bytes(memberOf((i * 7919) % 2_000));
      expect(sortedSets.remove(slot, member, 0, member.length)).toBe(CHANGE.REMOVED);
      if (i % 250 === 0) expect(contents(collections, slot)).toHaveLength(1_999 - i);
    }
    while (collections.hasReleased) collections.reclaim(10);
    expect(collections.usedBytes).toBe(0);
  });
});
