import { PartitionRoutes } from './partition-routes.js';

describe('PartitionRoutes', () => {
  it('are ready once everything is answered and the time has come', () => {
    const routes = new PartitionRoutes(4);
    routes.outstanding[2] = 1;
    routes.hold(2, 100);
    expect(routes.isHeld(2)).toBe(true);
    expect([routes.isHeld(1), routes.heldCount, routes.heldPartitions()]).toEqual([false, 1, [2]]);
    expect(routes.isReady(2, 200)).toBe(false);
    routes.outstanding[2] = 0;
    expect([routes.isReady(2, 99), routes.isReady(2, 100)]).toEqual([false, true]);
    routes.hold(2, 0);
    expect(routes.isReady(2, 1)).toBe(true);
    expect(routes.isReady(1, 999)).toBe(false);
  });

  it('keep what waits in order, and open under a new generation', () => {
    const routes = new PartitionRoutes(2);
    routes.enqueue(0, 99);
    routes.hold(0, 0);
    for (const id of [5, 3, 4]) routes.enqueue(0, id);
    routes.hold(0, 50);
    expect(routes.takeQueue(0)).toEqual([5, 3, 4]);
    expect(routes.takeQueue(0)).toEqual([]);
    expect(routes.takeQueue(1)).toEqual([]);
    expect(routes.isHeld(0)).toBe(true);
    routes.open(0);
    expect([routes.isHeld(0), routes.heldCount, routes.generation[0], routes.generation[1]]).toEqual([false, 0, 1, 0]);
  });

  it('know what a later operation has overtaken', () => {
    const routes = new PartitionRoutes(2);
    routes.executed(0, 7);
    routes.executed(0, 5);
    expect([routes.isOvertaken(0, 6), routes.isOvertaken(0, 8), routes.isOvertaken(1, 1)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
