import fc from 'fast-check';
import { PartitionQueue } from './partition-queue.js';

describe('PartitionQueue', () => {
  it('hands out each waiting partition once, whatever is pushed and deleted', () => {
    const operation = fc.record({ kind: fc.constantFrom('push', 'push', 'delete', 'shift'), partition: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const queue = new PartitionQueue(6);
        const waiting = new Set<number>();
        for (const { kind, partition } of operations) {
          if (kind === 'push') {
            queue.push(partition);
            waiting.add(partition);
          } else if (kind === 'delete') {
            queue.delete(partition);
            waiting.delete(partition);
          } else {
            const next = queue.shift();
            if (waiting.size === 0) expect(next).toBe(-1);
            else expect(waiting.delete(next)).toBe(true);
          }
          expect(queue.isEmpty).toBe(waiting.size === 0);
        }
      }),
    );
  });

  it('serves who came first', () => {
    const queue = new PartitionQueue(4);
    for (const partition of [2, 0, 3, 0]) queue.push(partition);
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual([2, 0, 3, -1]);
  });
});
