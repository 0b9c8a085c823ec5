import { OutageGuard } from './outage-guard.js';

function guard(): OutageGuard {
  const made = new OutageGuard(500);
  expect(made.isOutage(5, 5, [])).toBe(false);
  return made;
}

describe('OutageGuard', () => {
  it('takes it for an outage where most members fell silent within one interval', () => {
    expect(guard().isOutage(5, 2, [1_000, 1_300, 1_450])).toBe(true);
    expect(guard().isOutage(5, 3, [1_000, 1_300])).toBe(false);
    expect(guard().isOutage(5, 2, [1_000, 2_300, 3_450])).toBe(false);
    expect(guard().isOutage(5, 1, [10, 3_000, 3_100, 3_200])).toBe(true);
  });

  it('says so once, until a majority has been heard again', () => {
    const watched = guard();
    expect(watched.isOutage(3, 1, [1_000, 1_100])).toBe(true);
    expect(watched.isOutage(3, 0, [])).toBe(false);
    expect(watched.isOutage(3, 1, [9_000, 9_000])).toBe(false);
    expect(watched.isOutage(3, 2, [9_000])).toBe(false);
    expect(watched.isOutage(3, 1, [9_000, 9_100])).toBe(true);
    expect(watched.outages).toBe(2);
  });

  it('is none where nobody has been heard yet, or only one is silent', () => {
    expect(new OutageGuard(500).isOutage(3, 0, [1, 2, 3])).toBe(false);
    expect(guard().isOutage(1, 0, [1_000])).toBe(false);
  });
});
