import { ReplayFilter } from './replay-filter.js';

describe('a replay filter', () => {
  const shard = { storeId: 3, partition: 7, group: 1, epoch: 5, sequence: 100 };

  it('knows what a shard of the checkpoint contains', () => {
    const filter = new ReplayFilter();
    filter.add(shard);
    expect(filter.contains(3, 7, 5, 100)).toBe(true);
    expect(filter.contains(3, 7, 4, 900)).toBe(true);
    expect(filter.contains(3, 7, 5, 101)).toBe(false);
    expect(filter.contains(3, 7, 6, 1)).toBe(false);
    expect(filter.contains(3, 8, 1, 1)).toBe(false);
    expect(filter.contains(4, 7, 1, 1)).toBe(false);
  });

  it('forgets a shard that is dropped, and all of them', () => {
    const filter = new ReplayFilter();
    filter.add(shard);
    filter.add({ ...shard, storeId: 4 });
    filter.remove(3, 7);
    expect([filter.contains(3, 7, 5, 1), filter.contains(4, 7, 5, 1)]).toEqual([false, true]);
    filter.clear();
    expect(filter.contains(4, 7, 5, 1)).toBe(false);
  });
});
