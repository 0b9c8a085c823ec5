import { jest } from '@jest/globals';
import { rngContract, timeContract } from '#libs/ports-contract';
import { SystemClock, SystemRng, SystemTimers } from './index.js';

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A loaded machine runs timers late; that they are not early is what matters. */
const LOADED_MACHINE_MS = 5_000;

timeContract(
  'system',
  () => ({ clock: new SystemClock(), timers: new SystemTimers(), advance: wait }),
  LOADED_MACHINE_MS,
);
rngContract('system', () => new SystemRng());

describe('SystemTimers', () => {
  afterEach(() => jest.restoreAllMocks());

  it('costs one setImmediate for all calls of a turn', async () => {
    const scheduled = jest.spyOn(globalThis, 'setImmediate');
    const timers = new SystemTimers();
    let runs = 0;
    for (let i = 0; i < 100; i++) timers.endOfTurn(() => runs++);
    expect(scheduled).toHaveBeenCalledTimes(1);
    await new Promise<void>((resolve) => timers.endOfTurn(resolve));
    expect(runs).toBe(100);
    expect(scheduled).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 100; i++) timers.endOfTurn(() => runs++);
    expect(scheduled).toHaveBeenCalledTimes(2);
  });

  it('runs the other callbacks of a turn when one throws', () => {
    const turns: (() => void)[] = [];
    jest.spyOn(globalThis, 'setImmediate').mockImplementation(((turn: () => void) => {
      turns.push(turn);
      return {} as NodeJS.Immediate;
    }) as typeof setImmediate);
    const timers = new SystemTimers();
    const order: string[] = [];
    timers.endOfTurn(() => order.push('first'));
    timers.endOfTurn(() => timers.endOfTurn(() => order.push('asked for')));
    timers.endOfTurn(() => {
      throw new Error('a defect');
    });
    timers.endOfTurn(() => order.push('after it'));
    expect(() => turns.shift()?.()).toThrow('a defect');
    expect(turns).toHaveLength(1);
    turns.shift()?.();
    expect(order).toEqual(['first', 'after it', 'asked for']);
    expect(turns).toHaveLength(0);
  });

  it('goes on where a delay is longer than one setTimeout', () => {
    jest.useFakeTimers();
    try {
      let runs = 0;
      const day = 24 * 3_600_000;
      new SystemTimers().after(60 * day, () => runs++);
      jest.advanceTimersByTime(59 * day);
      expect(runs).toBe(0);
      jest.advanceTimersByTime(2 * day);
      expect(runs).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('refuses intervals that setInterval would take for 1 ms', () => {
    const timers = new SystemTimers();
    for (const ms of [0, -1, NaN, 2 ** 31]) expect(() => timers.every(ms, () => undefined)).toThrow('out of range');
  });

  it('does not keep a process alive', () => {
    const spy = jest.spyOn(globalThis, 'setTimeout');
    const handle = new SystemTimers().after(60_000, () => undefined);
    const timeout = spy.mock.results[0].value as NodeJS.Timeout;
    expect(timeout.hasRef()).toBe(false);
    handle.cancel();
  });
});
