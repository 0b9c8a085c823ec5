import { assert, AssertionError, assertNever } from './assert.js';
import { BOUNDS } from './bounds.js';

describe('bounds', () => {
  it('are whole, positive numbers', () => {
    for (const bound of Object.values(BOUNDS)) {
      expect(Number.isSafeInteger(bound)).toBe(true);
      expect(bound).toBeGreaterThan(0);
    }
  });

  it('fit together', () => {
    expect(BOUNDS.partBytes + 64).toBeLessThan(BOUNDS.maxFrameBytes);
    expect(BOUNDS.flushFrameBytes).toBeLessThan(BOUNDS.maxFrameBytes);
    expect(BOUNDS.maxFrameBytes).toBeLessThan(1024 * 1024);
    expect(BOUNDS.maxValueBytes).toBeLessThanOrEqual(BOUNDS.maxConfigurableValueBytes);
    expect(BOUNDS.maxConfigurableValueBytes + BOUNDS.maxKeyBytes).toBeLessThan(BOUNDS.maxAssemblyBytes);
    expect(BOUNDS.pauseClientOutputBytes).toBeLessThan(BOUNDS.maxClientOutputBytes);
    expect(BOUNDS.linkCreditBytes).toBeGreaterThan(BOUNDS.maxFrameBytes);
    expect(BOUNDS.maxPipelinedCommands).toBeLessThanOrEqual(BOUNDS.maxInFlightOperations);
  });
});

describe('assert', () => {
  it('throws where an invariant is broken, and only there', () => {
    expect(() => assert(true, 'fine')).not.toThrow();
    expect(() => assert(false, 'broken')).toThrow(new AssertionError('broken'));
  });

  it('refuses what a sum type does not have', () => {
    expect(() => assertNever('odd' as never)).toThrow('unexpected value odd');
  });
});
