import { CopyBudget } from './copy-budget.js';

describe('the budget of copies', () => {
  const clock = { now: 0, monotonicMs: () => clock.now, wallMs: () => clock.now };

  it('lets a second’s worth through at first, then as much as time brings', () => {
    const budget = new CopyBudget(1_000, clock);
    budget.spend(600);
    expect(budget.isOpen).toBe(true);
    budget.spend(900);
    expect(budget.isOpen).toBe(false);
    clock.now += 499;
    expect(budget.isOpen).toBe(false);
    clock.now += 2;
    expect(budget.isOpen).toBe(true);
    clock.now += 60_000;
    expect(budget.isOpen).toBe(true);
    budget.spend(1_001);
    expect(budget.isOpen).toBe(false);
  });

  it('is open for ever without a limit', () => {
    const budget = new CopyBudget(0, clock);
    budget.spend(1e12);
    expect(budget.isOpen).toBe(true);
  });
});
