import fc from 'fast-check';
import type { ClusterChange } from './cluster-change.js';
import type { ClusterCommand } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import { decodeClusterState, encodeClusterState } from './cluster-state-codec.js';
import type { ClusterState } from './cluster-state.js';
import { isReachable, NO_NODE, type ClusterTable, type TablePartition } from './cluster-table.js';
import { decide } from './decide.js';
import { decodeEventBatch, encodeEventBatch } from './event-batch-codec.js';
import { evolve } from './evolve.js';
import { announce, down, formedWith, moved, served, tableOf } from './several-owners.support.spec.js';

const IDS = ['a', 'b', 'c', 'd', 'e'];
const FORMED = formedWith(IDS, [[0, 1, 2], [1, 2, 3], [2, 3], [4]]);

const id = fc.constantFrom(...IDS);
const partition = fc.nat(3);
type Report<Type> = { readonly type: Type; readonly partition: number };
/** Reports are made of what the table says at the time, so that they are right. */
type Step = ClusterCommand | Report<'Moved'> | Report<'Served'> | Report<'Fails'>;

const change = (changes: readonly ClusterChange[]): ClusterCommand => ({ type: 'Change', requestId: '', changes });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(id, fc.integer({ min: 1, max: 4 })).map(([nodeId, incarnation]) => announce(nodeId, incarnation)),
  id.map((nodeId): Step => ({ type: 'Suspect', nodeId })),
  id.map(down),
  fc
    .tuple(id, fc.integer({ min: 1, max: 4 }))
    .map(([nodeId, incarnation]): Step => ({ type: 'Leave', nodeId, incarnation, promotes: true })),
  fc.record({
    type: fc.constant('StartMove' as const),
    partition,
    target: id,
    replaces: fc.constantFrom('', ...IDS),
  }),
  fc.record({ type: fc.constant('RemoveOwner' as const), partition, nodeId: id }),
  fc.record({ type: fc.constant('HandBack' as const), partition, epoch: fc.integer({ min: 1, max: 9 }), primary: id }),
  partition.map((number): Step => ({ type: 'Moved', partition: number })),
  partition.map((number): Step => ({ type: 'Moved', partition: number })),
  partition.map((number): Step => ({ type: 'Served', partition: number })),
  partition.map((number): Step => ({ type: 'Served', partition: number })),
  partition.map((number): Step => ({ type: 'Fails', partition: number })),
  fc
    .record({ type: fc.constantFrom('DrainNode' as const, 'UndrainNode', 'ForgetNode'), nodeId: id })
    .map((each) => change([each])),
  fc
    .record({ type: fc.constant('MovePrimary' as const), partition, target: fc.constantFrom('', ...IDS) })
    .map((each) => change([each])),
  fc.constantFrom(1, 2, 3).map((replicas) => change([{ type: 'AlterStore', name: 'default', changes: { replicas } }])),
);

function commandOf(given: Step, state: ClusterState): ClusterCommand {
  if (given.type === 'Moved') return moved(state, given.partition);
  if (given.type === 'Served') return served(state, given.partition);
  if (given.type !== 'Fails') return given;
  const { epoch, primary } = tableOf(state).partitions[given.partition];
  const tried = [tableOf(state).nodes[primary].nodeId];
  return { type: 'RetryPromotion', partition: given.partition, epoch, tried };
}

const idsOf = ({ nodes }: ClusterTable, indexes: readonly number[]): string[] => indexes.map((i) => nodes[i].nodeId);

function expectSoundStep(before: ClusterTable, event: ClusterEvent, after: ClusterTable): void {
  expect(after.tableVersion).toBe(before.tableVersion + 1);
  after.partitions.forEach((now, number) => {
    const was = before.partitions[number];
    expectSound(after, now);
    const [owners, ownersBefore] = [idsOf(after, now.owners), idsOf(before, was.owners)];
    const hasOtherOwners = owners.join() !== ownersBefore.join();
    const [primary] = idsOf(after, [now.primary]);
    const hasOtherPrimary = primary !== idsOf(before, [was.primary])[0];
    const isNewEpoch = now.epoch > was.epoch;
    expect(now.epoch - was.epoch).toBeLessThanOrEqual(1);
    expect(now.epoch).toBeGreaterThanOrEqual(was.epoch);
    if (hasOtherOwners || hasOtherPrimary) expect(isNewEpoch).toBe(true);
    if (hasOtherOwners) expectReplaced(was, now, owners, ownersBefore, idsOf(after, now.outgoing));
    else if (event.type === 'NodeForgotten') expect(now.outgoing.length).toBeLessThanOrEqual(was.outgoing.length);
    else if (event.type === 'EpochServed' && event.partition === number) expect(now.outgoing).toEqual([]);
    else expect(now.outgoing).toEqual(was.outgoing);
  });
}

/** One owner at a time, while none are outgoing. */
function expectReplaced(
  was: TablePartition,
  now: TablePartition,
  owners: readonly string[],
  ownersBefore: readonly string[],
  outgoing: readonly string[],
): void {
  expect(was.outgoing).toEqual([]);
  expect(owners.filter((each) => !ownersBefore.includes(each)).length).toBeLessThanOrEqual(1);
  expect(ownersBefore.filter((each) => !owners.includes(each)).length).toBeLessThanOrEqual(1);
  if (was.owners.length > 1 || now.owners.length > 1) expect(outgoing).toEqual(ownersBefore);
  else expect(outgoing).toEqual([]);
}

function expectSound(
  { nodes }: ClusterTable,
  { owners, primary, outgoing, movingTo, movingFrom, moveId }: TablePartition,
): void {
  expect(new Set(owners).size).toBe(owners.length);
  expect(owners).toContain(primary);
  expect(new Set(outgoing).size).toBe(outgoing.length);
  if (movingTo === NO_NODE) {
    expect([movingFrom, moveId]).toEqual([NO_NODE, 0]);
    return;
  }
  expect(owners).not.toContain(movingTo);
  expect(outgoing).toEqual([]);
  if (movingFrom !== NO_NODE) expect(owners).toContain(movingFrom);
  expect(isReachable(nodes[primary].status)).toBe(true);
  expect(isReachable(nodes[movingTo].status)).toBe(true);
}

/** Every decision here may promote. */
function expectLed({ nodes, partitions }: ClusterTable): void {
  for (const { owners, primary } of partitions) {
    if (isReachable(nodes[primary].status)) continue;
    for (const owner of owners) expect(['up', 'draining']).not.toContain(nodes[owner].status);
  }
}

describe('any history of partitions with several owners', () => {
  it('changes one owner at a time, under epochs that grow, and leaves nobody without a primary that need not be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (history) => {
        let state = FORMED;
        for (const given of history) {
          const decision = decide(state, commandOf(given, state));
          if (!decision.ok) continue;
          for (const event of decision.events) {
            const next = evolve(state, event);
            expectSoundStep(tableOf(state), event, tableOf(next));
            state = next;
          }
          expectLed(tableOf(state));
          const batch = { baseEventIndex: 1, atMs: 1, events: decision.events };
          expect(decodeEventBatch(encodeEventBatch(batch))).toEqual(batch);
        }
        expect(decodeClusterState(encodeClusterState(state))).toEqual(state);
      }),
      { numRuns: 150 },
    );
  });
});
