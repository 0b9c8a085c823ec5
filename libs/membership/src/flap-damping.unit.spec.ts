import fc from 'fast-check';
import { FLAP_LIMITS, FlapDamping } from './flap-damping.js';

const HALF_LIFE_MS = 10_000;

function down(damping: FlapDamping, nowMs: number): void {
  damping.flapped('a', 'suspected', nowMs);
  damping.flapped('a', 'down', nowMs);
}

describe('FlapDamping', () => {
  it('lets a member that went once return at once', () => {
    const damping = new FlapDamping({ flapHalfLifeMs: HALF_LIFE_MS });
    down(damping, 0);
    expect(damping.heldMs('a', 0)).toBe(0);
    down(damping, 5 * HALF_LIFE_MS);
    expect([damping.heldMs('a', 5 * HALF_LIFE_MS), damping.heldMs('b', 0), damping.holds]).toEqual([0, 0, 0]);
  });

  it('holds one that went again and again, longer each time, up to four half-lives', () => {
    const damping = new FlapDamping({ flapHalfLifeMs: HALF_LIFE_MS });
    const holds = Array.from({ length: 20 }, () => {
      down(damping, 0);
      return damping.heldMs('a', 0);
    });
    expect(holds[0]).toBe(0);
    expect(holds.toSorted((a, b) => a - b)).toEqual(holds);
    expect(holds[2]).toBeCloseTo(HALF_LIFE_MS * 2, 3);
    expect(holds[19]).toBeCloseTo(HALF_LIFE_MS * 4, 3);
    expect(damping.holds).toBe(1);
  });

  it('lets go when the time that it named is over, and not before', () => {
    const flaps = fc.array(fc.constantFrom('suspected' as const, 'down' as const, 'restarted' as const), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(flaps, fc.integer({ min: 100, max: 60_000 }), (kinds, flapHalfLifeMs) => {
        const damping = new FlapDamping({ flapHalfLifeMs });
        for (const kind of kinds) damping.flapped('a', kind, 0);
        const heldMs = damping.heldMs('a', 0);
        expect(heldMs).toBeLessThanOrEqual(4 * flapHalfLifeMs);
        if (heldMs === 0) return;
        expect(damping.heldMs('a', heldMs * 0.99)).toBeGreaterThan(0);
        expect(damping.heldMs('a', heldMs * 1.01)).toBe(0);
      }),
    );
  });

  it('bounds how often a member changes, however it behaves', () => {
    const damping = new FlapDamping({ flapHalfLifeMs: HALF_LIFE_MS });
    let changes = 0;
    for (let nowMs = 0; nowMs < 3_600_000; nowMs += 100) {
      if (damping.heldMs('a', nowMs) > 0) continue;
      down(damping, nowMs);
      changes++;
    }
    expect(changes).toBeLessThan((1.1 * 3_600_000) / HALF_LIFE_MS);
  });

  it('forgets with the member, and does nothing where it is switched off', () => {
    const options = { flapHalfLifeMs: HALF_LIFE_MS };
    const damping = new FlapDamping(options);
    for (let i = 0; i < 3; i++) down(damping, 0);
    damping.forget('a');
    expect(damping.heldMs('a', 0)).toBe(0);
    options.flapHalfLifeMs = 0;
    for (let i = 0; i < 9; i++) down(damping, 0);
    expect(damping.heldMs('a', 0)).toBe(0);
    expect(FLAP_LIMITS.ceiling).toBeGreaterThan(FLAP_LIMITS.suppress);
  });
});
