import type { Clock, Timers } from '#libs/ports';

export interface TimeHarness {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Lets this much time pass; real time is waited for, simulated time is moved on. */
  advance(ms: number): Promise<void>;
}

/** The behaviour that the clock and the timers share. `toleranceMs`: how late a timer may run. */
export function timeContract(
  name: string,
  makeHarness: () => TimeHarness | Promise<TimeHarness>,
  toleranceMs = 0,
): void {
  describe(`time contract: ${name}`, () => {
    let harness: TimeHarness;
    /** Time passes until the condition holds: a machine under load is late, and no time at all is enough for it. */
    async function until(condition: () => boolean): Promise<void> {
      for (let turns = 0; !condition() && turns < 1_000; turns++) await harness.advance(5);
      expect(condition()).toBe(true);
    }

    beforeEach(async () => {
      harness = await makeHarness();
    });

    it('counts monotonic milliseconds that never go back', async () => {
      const { clock } = harness;
      let last = clock.monotonicMs();
      const start = last;
      for (let i = 0; i < 100; i++) {
        const now = clock.monotonicMs();
        expect(now).toBeGreaterThanOrEqual(last);
        last = now;
      }
      await harness.advance(20);
      expect(clock.monotonicMs() - start).toBeGreaterThanOrEqual(19);
    });

    it('tells wall time in milliseconds since 1970', async () => {
      const before = harness.clock.wallMs();
      expect(before).toBeGreaterThan(Date.UTC(2020, 0));
      await harness.advance(20);
      expect(harness.clock.wallMs() - before).toBeGreaterThanOrEqual(18);
    });

    it('runs a timer once, after its delay and not before', async () => {
      const { clock, timers } = harness;
      const start = clock.monotonicMs();
      const runs: number[] = [];
      timers.after(30, () => runs.push(clock.monotonicMs() - start));
      expect(runs).toEqual([]);
      await until(() => runs.length > 0);
      await harness.advance(70);
      expect(runs).toHaveLength(1);
      expect(runs[0]).toBeGreaterThanOrEqual(29);
      expect(runs[0]).toBeLessThanOrEqual(30 + 5 + toleranceMs);
    });

    it('runs timers in the order of their times', async () => {
      const order: string[] = [];
      harness.timers.after(45, () => order.push('late'));
      harness.timers.after(5, () => order.push('early'));
      harness.timers.after(25, () => order.push('middle'));
      await until(() => order.length === 3);
      expect(order).toEqual(['early', 'middle', 'late']);
    });

    it('does not run a callback before the call returns, even without a delay', async () => {
      let runs = 0;
      harness.timers.after(0, () => runs++);
      expect(runs).toBe(0);
      await until(() => runs === 1);
    });

    it('does not run a cancelled timer', async () => {
      let runs = 0;
      const handle = harness.timers.after(10, () => runs++);
      handle.cancel();
      handle.cancel();
      await harness.advance(40);
      expect(runs).toBe(0);
    });

    it('takes a delay of months for what it is', async () => {
      let runs = 0;
      const handle = harness.timers.after(90 * 24 * 3_600_000, () => runs++);
      await harness.advance(20);
      expect(runs).toBe(0);
      handle.cancel();
    });

    it('repeats an interval until it is cancelled, also from within', async () => {
      let runs = 0;
      const handle = harness.timers.every(10, () => {
        if (++runs === 3) handle.cancel();
      });
      expect(runs).toBe(0);
      await until(() => runs === 3);
      await harness.advance(50);
      expect(runs).toBe(3);
    });

    it('runs the callbacks of a turn at its end, in order', async () => {
      const order: string[] = [];
      harness.timers.endOfTurn(() => order.push('first'));
      harness.timers.endOfTurn(() => order.push('second'));
      order.push('turn');
      await until(() => order.length === 3);
      expect(order).toEqual(['turn', 'first', 'second']);
    });

    it('runs what an end of turn asks for at the end of a later turn', async () => {
      const order: string[] = [];
      harness.timers.endOfTurn(() => {
        harness.timers.endOfTurn(() => order.push('next turn'));
        order.push('asked');
      });
      harness.timers.endOfTurn(() => order.push('same turn'));
      await until(() => order.length === 3);
      expect(order).toEqual(['asked', 'same turn', 'next turn']);
    });
  });
}
