import * as fc from 'fast-check';
import { LEASE_MARGIN, LeaseHolder, OWNERSHIP_BOUNDS, OWNERSHIP_RULES, OWNERSHIP_TIMES } from './index.js';

const LASTS = OWNERSHIP_TIMES.leaseMs * (1 - LEASE_MARGIN);
const holderOf = (...owners: readonly string[]): LeaseHolder => {
  const holder = new LeaseHolder(4, OWNERSHIP_TIMES, OWNERSHIP_RULES);
  holder.lead(2, 7, owners);
  return holder;
};

describe('LeaseHolder', () => {
  it('holds what a majority has promised, from when it asked', () => {
    const holder = holderOf('a', 'b', 'c');
    holder.onPromise(2, 7, 'a', 1_000, 1_000);
    expect(holder.holds(2, 1_000)).toBe(false);
    holder.onPromise(2, 7, 'b', 900, 1_010);
    expect(holder.holds(2, 900 + LASTS - 1)).toBe(true);
    expect(holder.holds(2, 900 + LASTS)).toBe(false);
    holder.onPromise(2, 7, 'c', 950, 1_020);
    expect(holder.validUntilMs[2]).toBe(950 + LASTS);
  });

  it('goes by the newest request that an owner has answered, in whatever order the answers come', () => {
    const holder = holderOf('a');
    holder.onPromise(2, 7, 'a', 1_000, 1_001);
    holder.onPromise(2, 7, 'a', 500, 1_002);
    expect(holder.validUntilMs[2]).toBe(1_000 + LASTS);
  });

  it('hears nobody but the owners, in its own epoch, of what it leads', () => {
    const holder = holderOf('a');
    holder.onPromise(2, 7, 'b', 1_000, 1_000);
    holder.onPromise(2, 6, 'a', 1_000, 1_000);
    holder.onPromise(1, 7, 'a', 1_000, 1_000);
    expect([...holder.validUntilMs]).toEqual([-Infinity, -Infinity, -Infinity, -Infinity]);
  });

  it('begins each epoch without promises, and has none once it has resigned', () => {
    const holder = holderOf('a');
    holder.onPromise(2, 7, 'a', 1_000, 1_000);
    holder.lead(2, 8, ['a']);
    expect(holder.holds(2, 1_000)).toBe(false);
    holder.onPromise(2, 8, 'a', 1_000, 1_000);
    holder.resign(2);
    expect(holder.holds(2, 1_000)).toBe(false);
    expect([...holder.partitions()]).toEqual([]);
  });

  it('is valid as long as the majority-th newest promise', () => {
    const times = fc.array(fc.integer({ min: 1, max: 10_000 }), {
      minLength: 1,
      maxLength: OWNERSHIP_BOUNDS.maxOwners,
    });
    fc.assert(
      fc.property(times, (sent) => {
        const owners = sent.map((_, i) => `n${i}`);
        const holder = holderOf(...owners);
        sent.forEach((atMs, i) => holder.onPromise(2, 7, owners[i], atMs, atMs));
        const majority = [...sent].sort((a, b) => b - a)[sent.length >>> 1];
        expect(holder.validUntilMs[2]).toBe(majority + LASTS);
      }),
    );
  });

  it('remembers when its last rounds were sent, and no others', () => {
    const holder = holderOf('a');
    expect(holder.roundStart(0)).toBeUndefined();
    for (let i = 1; i <= 40; i++) expect(holder.beginRound(i * 10)).toBe(i);
    expect(holder.roundStart(40)).toBe(400);
    expect(holder.roundStart(41 - OWNERSHIP_BOUNDS.maxRounds)).toBe((41 - OWNERSHIP_BOUNDS.maxRounds) * 10);
    expect(holder.roundStart(40 - OWNERSHIP_BOUNDS.maxRounds)).toBeUndefined();
    expect(holder.roundStart(41)).toBeUndefined();
  });
});
