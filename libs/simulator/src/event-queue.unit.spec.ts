import fc from 'fast-check';
import { EventQueue } from './event-queue.js';

describe('event queue', () => {
  it('runs events by time, and those of one time in the order of scheduling', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
        const queue = new EventQueue();
        const ran: [number, number][] = [];
        times.forEach((atMs, order) => queue.at(atMs, () => ran.push([queue.nowMs, order])));
        queue.runUntil(100);
        expect(ran).toEqual(times.map((atMs, order) => [atMs, order]).toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
        expect(queue.size).toBe(0);
      }),
    );
  });

  it('does not run what was cancelled, nor what lies behind the limit', () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    queue.after(5, () => ran.push('cancelled')).cancel();
    queue.after(6, () => ran.push('in time'));
    queue.after(11, () => ran.push('later'));
    queue.runUntil(10);
    expect(ran).toEqual(['in time']);
    expect(queue.nowMs).toBe(10);
    expect(queue.step()).toBe(true);
    expect(queue.step()).toBe(false);
    expect(queue.steps).toBe(2);
  });

  it('takes the past for now', () => {
    const queue = new EventQueue();
    queue.runUntil(10);
    let ranAt = 0;
    queue.at(3, () => (ranAt = queue.nowMs));
    queue.runFor(1);
    expect(ranAt).toBe(10);
  });
});
