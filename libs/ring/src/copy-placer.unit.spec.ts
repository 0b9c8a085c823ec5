import { CopyPlacer } from './copy-placer.js';
import { HashRing } from './hash-ring.js';
import { zonesOf } from './zones.js';

/** Places one partition with these quotas, which no shares would come to. */
function placedWithin(quotas: readonly number[], zones: readonly string[], replicationFactor: number): number[] {
  const nodes = zones.map((zone, i) => ({ id: `n${i}`, weight: 1, zone }));
  const shares = { floors: Int32Array.from(quotas), rounded: () => Int32Array.from(quotas) };
  const placer = new CopyPlacer(new HashRing(nodes), Uint32Array.of(7), zonesOf(nodes, replicationFactor), shares, [
    [],
  ]);
  return placer.run()[0].toSorted((a, b) => a - b);
}

describe('where quotas leave no room', () => {
  it('a partition gets its owners all the same, from those with the least too many', () => {
    expect(placedWithin([1, -1, 0], ['', '', ''], 2)).toEqual([0, 2]);
  });

  it('other zones come first', () => {
    expect(placedWithin([1, 0, 0], ['a', 'a', 'b'], 2)).toEqual([0, 2]);
  });
});
