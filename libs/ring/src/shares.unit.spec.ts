import fc from 'fast-check';
import { Shares } from './shares.js';
import { type ZonedNode, zonesOf } from './zones.js';

const PARTITIONS = 128;
const anyNode = fc.record({ weight: fc.integer({ min: 0, max: 64 }), zone: fc.constantFrom('', 'a', 'b', 'c') });
const anyNodes = fc.array(anyNode, { minLength: 1, maxLength: 12 });

function sharesOf(nodes: readonly ZonedNode[], replicationFactor: number) {
  const zones = zonesOf(nodes, replicationFactor);
  const total = PARTITIONS * zones.copies;
  return { zones, total, shares: new Shares(nodes, zones, PARTITIONS, total) };
}

/** The plain way: water rises in small steps wherever there is room. */
function poured(nodes: readonly ZonedNode[], replicationFactor: number): number[] {
  const { zones, total } = sharesOf(nodes, replicationFactor);
  const held = nodes.map(() => 0);
  const inZone = [...zones.caps].map(() => 0);
  for (let rest = total; rest > 1e-9;) {
    const isZoneFull = inZone.map((sum, zone) => sum >= zones.caps[zone] * PARTITIONS - 1e-9);
    const open = nodes.map(({ weight }, node) =>
      held[node] >= PARTITIONS - 1e-9 || isZoneFull[zones.zoneOf[node]] ? 0 : weight,
    );
    const weights = open.reduce((sum, weight) => sum + weight, 0);
    // As far as the next node or zone is full.
    const zoneWeight = inZone.map((_sum, zone) =>
      open.reduce((sum, w, node) => sum + (zones.zoneOf[node] === zone ? w : 0), 0),
    );
    const rise = Math.min(
      rest / weights,
      ...open.flatMap((weight, node) => (weight === 0 ? [] : [(PARTITIONS - held[node]) / weight])),
      ...zoneWeight.flatMap((w, zone) => (w === 0 ? [] : [(zones.caps[zone] * PARTITIONS - inZone[zone]) / w])),
    );
    open.forEach((weight, node) => {
      held[node] += rise * weight;
      inZone[zones.zoneOf[node]] += rise * weight;
    });
    rest -= rise * weights;
  }
  return held;
}

describe('shares', () => {
  it('are what water would come to', () => {
    fc.assert(
      fc.property(anyNodes, fc.integer({ min: 1, max: 5 }), (nodes, replicationFactor) => {
        const { shares } = sharesOf(nodes, replicationFactor);
        const plain = poured(nodes, replicationFactor);
        for (const [node, share] of plain.entries()) expect(shares.exact[node]).toBeCloseTo(share, 5);
      }),
    );
  });

  it('are rounded down or up to exactly all copies, within the zones', () => {
    const loads = fc.array(fc.nat(PARTITIONS), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(anyNodes, loads, fc.integer({ min: 1, max: 5 }), (nodes, held, replicationFactor) => {
        const { shares, zones, total } = sharesOf(nodes, replicationFactor);
        const quotas = shares.rounded(Int32Array.from(held));
        expect(quotas.reduce((sum, quota) => sum + quota, 0)).toBe(total);
        const inZone = zones.caps.map(() => 0);
        quotas.forEach((quota, node) => {
          expect([Math.floor(shares.exact[node]), shares.ceiling(node)]).toContain(quota);
          inZone[zones.zoneOf[node]] += quota;
        });
        inZone.forEach((sum, zone) => expect(sum).toBeLessThanOrEqual(zones.caps[zone] * PARTITIONS));
      }),
    );
  });

  it('let those who hold more than others keep it', () => {
    const nodes = ['a', 'b', 'c'].map(() => ({ weight: 1, zone: '' }));
    const { shares } = sharesOf(nodes, 1);
    expect([...shares.rounded(Int32Array.of(43, 42, 43))]).toEqual([43, 42, 43]);
    expect([...shares.rounded(Int32Array.of(42, 43, 43))]).toEqual([42, 43, 43]);
  });
});

describe('zones', () => {
  it('hold as few copies of one partition as there are zones for', () => {
    const nodes = ['a', 'a', 'a', 'b', 'c'].map((zone) => ({ weight: 1, zone }));
    expect(zonesOf(nodes, 3)).toMatchObject({ caps: Uint16Array.of(1, 1, 1), copies: 3 });
    expect(zonesOf(nodes, 4)).toMatchObject({ caps: Uint16Array.of(2, 1, 1), copies: 4 });
    expect(zonesOf(nodes, 9)).toMatchObject({ caps: Uint16Array.of(3, 1, 1), copies: 5 });
    expect(zonesOf([...nodes, { weight: 0, zone: 'd' }], 3)).toMatchObject({ caps: Uint16Array.of(1, 1, 1, 0) });
    expect(zonesOf([], 3)).toMatchObject({ copies: 0 });
  });
});
