import fc from 'fast-check';
import { BudgetShare } from './budget-share.js';
import { NodeBudget } from './node-budget.js';

const NODE = 1_000_000;

function shareOf(usedBytes: number, ownLimitBytes = 0, weight = 1, canShrink = true): BudgetShare {
  const share = new BudgetShare(weight);
  Object.assign(share, { usedBytes, ownLimitBytes, canShrink });
  return share;
}

function balanced(limitBytes: number, ...shares: BudgetShare[]): NodeBudget {
  const budget = new NodeBudget(limitBytes);
  for (const share of shares) budget.add(share);
  budget.balance();
  return budget;
}

describe('NodeBudget', () => {
  it('gives a single store everything', () => {
    const store = shareOf(0);
    balanced(NODE, store);
    expect([store.targetBytes, store.limitBytes]).toEqual([NODE, NODE]);
  });

  it('holds a store to its own limit, and gives the rest to the others', () => {
    const small = shareOf(0, 100_000);
    const other = shareOf(0);
    balanced(NODE, small, other);
    expect([small.limitBytes, other.limitBytes]).toEqual([100_000, 900_000]);
  });

  it('lends what an idle store does not use', () => {
    const busy = shareOf(900_000);
    const idle = shareOf(10_000);
    balanced(NODE, busy, idle);
    expect(busy.limitBytes).toBeGreaterThan(950_000);
    expect(idle.limitBytes).toBeGreaterThan(10_000);
  });

  it('asks a borrower for its bytes back, and gives them away only once they are free', () => {
    const borrower = shareOf(990_000);
    const asking = shareOf(10_000);
    asking.askedBytes = 200_000;
    const budget = balanced(NODE, borrower, asking);
    expect(borrower.targetBytes).toBeLessThan(800_000);
    expect([borrower.limitBytes, asking.limitBytes]).toEqual([990_000, 10_000]);
    borrower.usedBytes = 900_000;
    budget.balance();
    expect([borrower.limitBytes, asking.limitBytes]).toEqual([900_000, 100_000]);
  });

  it('divides by weight when all want all', () => {
    const light = shareOf(500_000, 0, 1);
    const heavy = shareOf(500_000, 0, 3);
    light.askedBytes = heavy.askedBytes = NODE;
    const budget = balanced(NODE, light, heavy);
    expect([light.targetBytes, heavy.targetBytes]).toEqual([250_000, 750_000]);
    budget.remove(light);
    budget.balance();
    expect(heavy.targetBytes).toBe(NODE);
  });

  it('lets a store that cannot shrink keep what it uses, and no more', () => {
    const stuck = shareOf(800_000, 0, 1, false);
    const other = shareOf(200_000);
    other.askedBytes = NODE;
    balanced(NODE, stuck, other);
    expect([stuck.limitBytes, stuck.targetBytes]).toEqual([800_000, 800_000]);
    expect(other.limitBytes).toBe(200_000);
  });

  it('lets nobody grow while more is used than a lowered limit allows', () => {
    const one = shareOf(600_000);
    const two = shareOf(300_000);
    const budget = balanced(NODE, one, two);
    budget.setLimit(500_000);
    budget.balance();
    expect([one.limitBytes, two.limitBytes]).toEqual([600_000, 300_000]);
    expect([one.targetBytes, two.targetBytes]).toEqual([250_000, 250_000]);
    expect(budget.usedBytes).toBe(900_000);
  });

  const randomShare = fc.record({
    usedBytes: fc.nat(2 * NODE),
    askedBytes: fc.oneof(fc.constant(0), fc.nat(NODE)),
    ownLimitBytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 * NODE })),
    weight: fc.integer({ min: 1, max: 10 }),
    canShrink: fc.boolean(),
  });

  type Inputs = Pick<BudgetShare, 'usedBytes' | 'askedBytes' | 'ownLimitBytes' | 'weight' | 'canShrink'>;

  function made(inputs: readonly Inputs[]): BudgetShare[] {
    return inputs.map((input) => Object.assign(new BudgetShare(input.weight), input));
  }

  it('never allows more than the node has, and takes from nobody what it uses', () => {
    fc.assert(
      fc.property(fc.array(randomShare, { maxLength: 12 }), fc.nat(4 * NODE), (inputs, limitBytes) => {
        const shares = made(inputs);
        const budget = balanced(limitBytes, ...shares);
        const used = budget.usedBytes;
        let limits = 0;
        for (const share of shares) {
          if (share.canShrink) expect(share.limitBytes).toBeGreaterThanOrEqual(share.usedBytes);
          if (share.ownLimitBytes > 0) {
            expect(share.targetBytes).toBeLessThanOrEqual(share.ownLimitBytes);
            expect(share.limitBytes).toBeLessThanOrEqual(Math.max(share.ownLimitBytes, share.usedBytes));
          }
          limits += Math.max(share.limitBytes, share.usedBytes);
        }
        expect(limits).toBeLessThanOrEqual(Math.max(limitBytes, used));
      }),
    );
  });

  it('uses the node up where the stores may', () => {
    fc.assert(
      fc.property(fc.array(randomShare, { minLength: 1, maxLength: 12 }), (inputs) => {
        const shares = made(inputs);
        balanced(NODE, ...shares);
        let targets = 0;
        let most = 0;
        for (const share of shares) {
          targets += share.targetBytes;
          most += share.ownLimitBytes === 0 ? NODE : Math.min(share.ownLimitBytes, NODE);
        }
        const roundingBytes = shares.length;
        expect(targets).toBeGreaterThanOrEqual(Math.min(most, NODE) - roundingBytes);
      }),
    );
  });

  it('is max-min fair: nobody is cut below its wish while another has more per weight', () => {
    fc.assert(
      fc.property(fc.array(randomShare, { minLength: 2, maxLength: 12 }), (inputs) => {
        const shares = made(inputs).map((share) => Object.assign(share, { canShrink: true }));
        balanced(NODE, ...shares);
        for (const share of shares) {
          const wish = Math.min(share.usedBytes + share.askedBytes, share.ownLimitBytes || NODE, NODE);
          if (share.targetBytes >= wish) continue;
          for (const other of shares) {
            expect((other.targetBytes - 1) / other.weight).toBeLessThanOrEqual((share.targetBytes + 1) / share.weight);
          }
        }
      }),
    );
  });

  it('comes to the targets in steps, staying within the node at each', () => {
    fc.assert(
      fc.property(
        fc.array(randomShare, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat(100_000)),
        (inputs, steps) => {
          const shares = made(inputs);
          let rest = NODE;
          for (const share of shares) {
            share.usedBytes = Math.min(share.usedBytes, Math.floor(rest / 2));
            rest -= share.usedBytes;
          }
          const budget = balanced(NODE, ...shares);
          for (let round = 0; round < 50; round++) {
            for (const share of shares) {
              const step = steps.next().value ?? 0;
              if (share.usedBytes <= share.targetBytes)
                share.usedBytes += Math.min(step, share.limitBytes - share.usedBytes);
              else if (share.canShrink) share.usedBytes -= Math.min(step, share.usedBytes - share.targetBytes);
            }
            expect(budget.usedBytes).toBeLessThanOrEqual(NODE);
            budget.balance();
          }
        },
      ),
    );
  });
});
