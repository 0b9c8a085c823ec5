import { atLeast, below, demandsText, none } from './demands.js';

const whole = (value: number): string => `${value} ms`;

describe('demands', () => {
  it('are met below a limit, at or above a least figure, and by nothing where nothing is allowed', () => {
    expect([9, 10].map((value) => below('time', value, 10, whole).isMet)).toEqual([true, false]);
    expect([9, 10].map((value) => atLeast('rate', value, 10, whole).isMet)).toEqual([false, true]);
    expect([0, 1].map((value) => none('failures', value).isMet)).toEqual([true, false]);
  });

  it('are shown one per line', () => {
    const text = demandsText([below('time', 9, 10, whole), none('failures', 2)]);
    expect(text).toMatch(/^time +9 ms +< 10 ms +PASS$/m);
    expect(text).toMatch(/^failures +2 +0 +FAIL$/m);
  });
});
