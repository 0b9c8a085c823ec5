import { KeyVersions } from './key-versions.js';

describe('KeyVersions', () => {
  it('expects the version that was acknowledged last, and nothing before the first', () => {
    const versions = new KeyVersions(2);
    expect(versions.isRight(1, 0)).toBe(true);
    expect(versions.next(1)).toBe(1);
    versions.onAcknowledged(1, 1);
    expect([0, 1, 2].map((version) => versions.isRight(1, version))).toEqual([false, true, false]);
    expect(versions.next(1)).toBe(2);
    expect(versions.isRight(1, 1)).toBe(true);
    expect(versions.isRight(0, 0)).toBe(true);
  });

  it('allows a write of unknown outcome until a later one is acknowledged', () => {
    const versions = new KeyVersions(1);
    versions.onAcknowledged(0, versions.next(0));
    versions.onUnknown(0, versions.next(0));
    expect([1, 2, 3].map((version) => versions.isRight(0, version))).toEqual([true, true, false]);
    expect(versions.unknownWrites).toBe(1);
    versions.onAcknowledged(0, versions.next(0));
    expect([2, 3].map((version) => versions.isRight(0, version))).toEqual([false, true]);
    expect(versions.unknownWrites).toBe(0);
  });
});
