import fc from 'fast-check';
import { InFlightOperations, OPERATION_STATES } from './in-flight-operations.js';
import type { ReplySink } from './reply-sink.js';

const SINK: ReplySink = { onReply: () => undefined };

interface Model {
  readonly slot: number;
  readonly id: number;
  readonly startedMs: number;
  readonly order: number;
}

/** What the operations look like from outside: how many, and who is oldest. */
function check(operations: InFlightOperations, model: readonly Model[], retired: readonly number[]): void {
  expect(operations.count).toBe(model.length);
  expect(operations.isFull).toBe(model.length === operations.capacity);
  for (const { id, slot } of model) expect(operations.slotOf(id)).toBe(slot);
  for (const id of retired) expect(operations.slotOf(id)).toBe(-1);
  const oldest = operations.oldest();
  const leastMs = Math.min(...model.map(({ startedMs }) => startedMs));
  if (model.length === 0) expect(oldest).toBe(-1);
  else expect(operations.startedMs[oldest]).toBe(leastMs);
}

describe('InFlightOperations', () => {
  it('behave as a list of operations ordered by their start', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('allocate' as const), startedMs: fc.nat(50) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom('release' as const, 'retire' as const, 'renew' as const),
          pick: fc.nat(100),
        }),
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 120 }), (capacity, steps) => {
        const operations = new InFlightOperations(capacity);
        let model: Model[] = [];
        const gone: number[] = [];
        for (const [order, each] of steps.entries()) {
          if (each.kind === 'allocate') {
            if (operations.isFull) continue;
            const slot = operations.allocate(SINK, order, 1, 2, each.startedMs, operations.nextOrdinal());
            operations.state[slot] = OPERATION_STATES.sent;
            expect(model.some((other) => other.slot === slot)).toBe(false);
            model.push({ slot, id: operations.ids[slot], startedMs: each.startedMs, order });
          } else if (model.length > 0) {
            const [picked] = model.splice(each.pick % model.length, 1);
            gone.push(picked.id);
            operations[each.kind](picked.slot);
            if (each.kind === 'renew') {
              expect(operations.state[picked.slot]).toBe(OPERATION_STATES.held);
              model = [...model, { ...picked, id: operations.ids[picked.slot] }];
            } else expect(operations.sinks[picked.slot]).toBeUndefined();
          }
          check(operations, model, gone);
        }
        const order = model.map(({ startedMs }) => startedMs).toSorted((a, b) => a - b);
        const drained: number[] = [];
        for (let slot = operations.oldest(); slot >= 0; slot = operations.oldest()) {
          drained.push(operations.startedMs[slot]);
          operations.release(slot);
        }
        expect(drained).toEqual(order);
      }),
      { numRuns: 300 },
    );
  });

  it('do not use the id of an operation whose answer may still come for a long time', () => {
    const operations = new InFlightOperations(4);
    const late = operations.allocate(SINK, 0, 0, 0, 0, 1);
    operations.state[late] = OPERATION_STATES.sent;
    const lateId = operations.ids[late];
    operations.retire(late);
    for (let i = 0; i < 40_000; i++) {
      const slot = operations.allocate(SINK, 0, 0, 0, 0, 1);
      operations.state[slot] = OPERATION_STATES.sent;
      expect(operations.ids[slot]).not.toBe(lateId);
      operations.release(slot);
    }
    const slots = Array.from({ length: 4 }, () => operations.allocate(SINK, 0, 0, 0, 0, 1));
    expect(slots).toContain(late);
    expect(operations.isFull).toBe(true);
    operations.retire(slots[0]);
    expect(operations.allocate(SINK, 0, 0, 0, 0, 1)).toBe(slots[0]);
  });

  it('count ordinals up, and refuse what does not fit', () => {
    const operations = new InFlightOperations(1);
    expect([operations.nextOrdinal(), operations.nextOrdinal()]).toEqual([1, 2]);
    operations.allocate(SINK, 0, 0, 0, 0, 1);
    expect(() => operations.allocate(SINK, 0, 0, 0, 0, 2)).toThrow('no room');
    expect(() => new InFlightOperations(0)).toThrow('between 1 and');
    expect(() => new InFlightOperations(2 ** 18 + 1)).toThrow('between 1 and');
    expect(operations.slotOf(0xffffffff)).toBe(-1);
  });
});
