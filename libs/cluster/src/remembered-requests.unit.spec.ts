import fc from 'fast-check';
import { CLUSTER_LIMITS } from './limits.js';
import { RememberedRequests } from './remembered-requests.js';

const MAX = CLUSTER_LIMITS.maxRememberedRequests;

/** What a map that is copied each time makes of it. */
function plainWith(before: ReadonlyMap<string, number>, requestId: string, version: number): Map<string, number> {
  const after = new Map(before);
  after.delete(requestId);
  after.set(requestId, version);
  const [oldest] = after.keys();
  if (after.size > MAX) after.delete(oldest);
  return after;
}

describe('remembered requests', () => {
  it('are those that a copied map has, in every version, whichever version is added to', () => {
    const step = fc.record({ back: fc.nat(3), ids: fc.array(fc.nat(2 * MAX), { maxLength: 3 * MAX }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const versions: [RememberedRequests, ReadonlyMap<string, number>][] = [[RememberedRequests.NONE, new Map()]];
        let version = 0;
        for (const { back, ids } of steps) {
          let [remembered, plain] = versions[Math.max(0, versions.length - 1 - back)];
          for (const id of ids) {
            remembered = remembered.with(`r${id}`, ++version);
            plain = plainWith(plain, `r${id}`, version);
          }
          versions.push([remembered, plain]);
        }
        for (const [remembered, plain] of versions) {
          expect([...remembered]).toEqual([...plain]);
          expect(remembered.size).toBe(plain.size);
          for (let id = 0; id <= 2 * MAX; id += 7) {
            expect(remembered.has(`r${id}`)).toBe(plain.has(`r${id}`));
            expect(remembered.get(`r${id}`)).toBe(plain.get(`r${id}`));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are equal where they hold the same, however they came about', () => {
    const made = RememberedRequests.NONE.with('a', 1).with('b', 2).with('a', 3);
    expect(made).toEqual(
      RememberedRequests.from([
        ['b', 2],
        ['a', 3],
      ]),
    );
    expect(made).not.toEqual(RememberedRequests.from([['a', 3]]));
    expect([...made]).toEqual([
      ['b', 2],
      ['a', 3],
    ]);
  });

  it('of which more are read than may be remembered are cut to the newest', () => {
    const many = Array.from({ length: MAX + 5 }, (_, i): [string, number] => [`r${i}`, i]);
    expect([...RememberedRequests.from(many)]).toEqual(many.slice(5));
  });
});
