import type { ClusterChange } from './cluster-change.js';
import type { ClusterCommand } from './cluster-command.js';
import type { ClusterState } from './cluster-state.js';
import { encodeEventBatch } from './event-batch-codec.js';
import {
  after,
  announce,
  down,
  eventsOf,
  formedWith,
  moved,
  outcome,
  served,
  shown,
  tableOf,
} from './several-owners.support.spec.js';

const IDS = ['a', 'b', 'c', 'd'];
/** Of five partitions a is primary of three. */
const STATE = formedWith(IDS, [
  [0, 1, 2],
  [0, 2, 1],
  [0, 1, 3],
  [1, 2, 3],
  [2, 3, 0],
]);
const change = (...changes: ClusterChange[]): ClusterCommand => ({ type: 'Change', requestId: 'r', changes });
const start = (partition: number, target: string, replaces?: string): ClusterCommand => ({
  type: 'StartMove',
  partition,
  target,
  ...(replaces === undefined ? {} : { replaces }),
});

describe('when the primary goes', () => {
  it('another owner takes its place, in the decision that declares it down, those with few primaries first', () => {
    expect(outcome(STATE, down('a'))).toEqual([
      'NodeDown a',
      'PrimaryChanged 0 b failover',
      'PrimaryChanged 1 c failover',
      'PrimaryChanged 2 d failover',
    ]);
    const state = after(STATE, down('a'));
    expect([0, 1, 2, 3, 4].map((partition) => shown(state, partition))).toEqual([
      '2: a b* c',
      '2: a c* b',
      '2: a b d*',
      '1: b* c d',
      '1: c* d a',
    ]);
  });

  it('as many as fit an entry of the log get another one at once, and the rest with the next look', () => {
    const many = formedWith(
      ['a', 'b', 'c'],
      Array.from({ length: 8192 }, () => [0, 1, 2]),
    );
    const state = after(many, down('a'));
    const left = (table: ClusterState): number =>
      tableOf(table).partitions.filter(({ primary }) => primary === 0).length;
    expect(left(state)).toBe(4096);
    expect(left(after(state, { type: 'FailOver' }))).toBe(0);
    const batch = { baseEventIndex: 0, atMs: 0, events: eventsOf(many, down('a')) };
    expect(encodeEventBatch(batch).length).toBeLessThan(512 * 1024);
  });

  it('the same happens when it leaves', () => {
    expect(outcome(STATE, { type: 'Leave', nodeId: 'b', incarnation: 1, promotes: true })).toEqual([
      'NodeLeft b',
      'PrimaryChanged 3 d failover',
    ]);
  });

  it('nothing is promoted while most storage nodes are not heard, and made up for afterwards', () => {
    const blind: ClusterCommand = { type: 'DeclareDown', nodeId: 'b' };
    expect(outcome(STATE, blind)).toEqual(['NodeDown b']);
    const state = after(STATE, blind);
    expect(outcome(state, { type: 'FailOver' })).toEqual(['PrimaryChanged 3 d failover']);
    expect(outcome(STATE, { type: 'FailOver' })).toEqual([]);
  });

  it('suspects are passed over, and nodes that drain come last', () => {
    const suspected = after(STATE, { type: 'Suspect', nodeId: 'b' }, { type: 'Suspect', nodeId: 'c' });
    expect(outcome(suspected, down('a'))).toEqual(['NodeDown a', 'PrimaryChanged 2 d failover']);
    const draining = after(STATE, change({ type: 'DrainNode', nodeId: 'b' }));
    expect(outcome(draining, down('a')).slice(1)).toEqual([
      'PrimaryChanged 0 c failover',
      'PrimaryChanged 1 c failover',
      'PrimaryChanged 2 d failover',
    ]);
  });

  it('it stays where no other owner is up, until one comes back', () => {
    const lost = after(STATE, down('b'), down('c'), down('d'), down('a'));
    expect(shown(lost, 0)).toBe('1: a* b c');
    expect(outcome(lost, announce('b'))).toEqual([
      'NodeUp b',
      'PrimaryChanged 0 b failover',
      'PrimaryChanged 1 b failover',
      'PrimaryChanged 2 b failover',
      'PrimaryChanged 3 b failover',
    ]);
    expect(shown(after(lost, announce('a')), 0)).toBe('1: a* b c');
  });

  it('an owner that has a copy of every store is preferred', () => {
    const mixed = formedWith(
      ['a', 'b', 'c'],
      [
        [0, 1, 2],
        [1, 0, 2],
        [1, 2, 0],
      ],
      2,
    );
    const [store] = mixed.table?.stores ?? [];
    const stores = [store, { ...store, id: 1, name: 'big', replicas: 3 }];
    const state = { ...mixed, table: mixed.table && { ...mixed.table, stores } } as ClusterState;
    expect(outcome(state, down('a'))).toEqual(['NodeDown a', 'PrimaryChanged 0 b failover']);
  });

  it('a process that takes its place is not primary under the old epoch', () => {
    expect(outcome(STATE, announce('b', 2))).toEqual(['PrimaryChanged 3 d failover', 'NodeRestarted']);
    const state = after(STATE, announce('b', 2));
    // It keeps its places, and where it is not primary the epoch stays.
    expect([0, 3].map((partition) => shown(state, partition))).toEqual(['1: a* b c', '2: b c d*']);
    const alone = after(formedWith(['a', 'b'], [[0, 1]], 2), down('b'), announce('a', 2));
    expect(shown(alone, 0)).toBe('2: a* b');
  });

  it('its move ends first', () => {
    const moving = after(STATE, start(3, 'a', 'c'));
    expect(outcome(moving, down('b'))).toEqual([
      'MoveAborted 3 b a source is down',
      'NodeDown b',
      'PrimaryChanged 3 d failover',
    ]);
  });
});

describe('a candidate that cannot begin', () => {
  const retry = (state: ClusterState, epoch: number, ...tried: string[]): string[] =>
    outcome(state, { type: 'RetryPromotion', partition: 0, epoch, tried });

  it('is followed by one that has not been tried, or was tried first', () => {
    expect(retry(STATE, 1, 'a')).toEqual(['PrimaryChanged 0 b failover']);
    expect(retry(STATE, 1, 'a', 'b')).toEqual(['PrimaryChanged 0 c failover']);
    expect(retry(STATE, 1, 'c', 'a', 'b')).toEqual(['PrimaryChanged 0 c failover']);
  });

  it('gets another epoch where nobody else is up', () => {
    expect(retry(after(STATE, down('b'), down('c')), 1, 'a')).toEqual(['PrimaryChanged 0 a failover']);
  });

  it('is history once the epoch is another one', () => {
    expect(retry(STATE, 7, 'a')).toEqual([]);
    expect(outcome(STATE, { type: 'RetryPromotion', partition: 99, epoch: 1, tried: [] })).toEqual([]);
  });

  it('ends its move', () => {
    expect(retry(after(STATE, start(0, 'd', 'b')), 1, 'a')).toEqual([
      'MoveAborted 0 a d source cannot begin its epoch',
      'PrimaryChanged 0 b failover',
    ]);
  });
});

describe('a move', () => {
  it('replaces an owner in its place, and keeps those before until the epoch is served', () => {
    const moving = after(STATE, start(0, 'd', 'b'));
    expect(shown(moving, 0)).toBe('1: a* b c b>d');
    const done = after(moving, moved(moving, 0));
    expect(shown(done, 0)).toBe('2: a* d c (a b c)');
    expect(outcome(done, moved(moving, 0))).toEqual([]);
    expect(shown(after(done, served(done, 0)), 0)).toBe('2: a* d c');
  });

  it('makes its target the primary where it takes the primary’s place', () => {
    const moving = after(STATE, start(0, 'd'));
    expect(shown(after(moving, moved(moving, 0)), 0)).toBe('2: d* b c (a b c)');
  });

  it('adds an owner at the end', () => {
    const few = formedWith(IDS, [[0]]);
    const moving = after(few, start(0, 'b', ''));
    expect(shown(moving, 0)).toBe('1: a* ->b');
    expect(shown(after(moving, moved(moving, 0)), 0)).toBe('2: a* b (a)');
  });

  it('hands a sole owner’s partition over at once, as it always did', () => {
    const moving = after(formedWith(IDS, [[0]], 1), start(0, 'b'));
    expect(shown(after(moving, moved(moving, 0)), 0)).toBe('2: b*');
  });

  it('does not begin while owners are changing, nor from or to whom it cannot', () => {
    const moving = after(STATE, start(0, 'd', 'b'));
    const changing = after(moving, moved(moving, 0));
    expect(outcome(changing, start(0, 'b', 'c'))).toEqual(['refused: partition 0 is changing its owners']);
    expect(outcome(STATE, start(0, 'd', 'd'))).toEqual(['refused: "d" does not own partition 0']);
    expect(outcome(STATE, start(0, 'b', 'c'))).toEqual(['refused: "b" owns partition 0']);
    const eight = formedWith('abcdefghi'.split(''), [[0, 1, 2, 3, 4, 5, 6, 7]]);
    expect(outcome(eight, start(0, 'i', ''))).toEqual(['refused: partition 0 has as many owners as there may be']);
  });

  it('goes on when an owner that it does not copy from goes', () => {
    const moving = after(STATE, start(0, 'd', 'b'));
    expect(outcome(moving, down('b'))).toEqual(['NodeDown b', 'PrimaryChanged 3 d failover']);
  });
});

describe('owners', () => {
  const remove = (partition: number, nodeId: string): ClusterCommand => ({ type: 'RemoveOwner', partition, nodeId });

  it('are removed one at a time, the primary after another one has taken over', () => {
    expect(shown(after(STATE, remove(0, 'c')), 0)).toBe('2: a* b (a b c)');
    expect(outcome(STATE, remove(0, 'a'))).toEqual(['PrimaryChanged 0 b handback', 'OwnerRemoved 0 a']);
    expect(outcome(STATE, remove(0, 'd'))).toEqual([]);
    expect(outcome(after(STATE, remove(0, 'c')), remove(0, 'b'))).toEqual([
      'refused: partition 0 is changing its owners',
    ]);
    expect(outcome(formedWith(['a'], [[0]], 1), remove(0, 'a'))).toEqual([
      'refused: too few owners of partition 0 are up to agree on a change',
    ]);
  });

  it('drain until they are not even asked about what was before', () => {
    const draining = after(STATE, change({ type: 'DrainNode', nodeId: 'd' }), start(2, 'c', 'd'));
    const done = after(draining, moved(draining, 2), start(3, 'a', 'd'));
    const last = after(done, moved(done, 3), remove(4, 'd'));
    expect(outcome(last, served(last, 4))).toEqual(['EpochServed 4 2']);
    const almost = after(last, served(last, 4), served(last, 2));
    expect(outcome(almost, served(almost, 3))).toEqual(['EpochServed 3 2', 'NodeDrained d']);
  });

  it('that are gone are forgotten where others are left, also among those before', () => {
    const gone = after(STATE, down('d'));
    const forget = change({ type: 'ForgetNode', nodeId: 'd' });
    expect(outcome(gone, forget)).toEqual([
      'OwnerRemoved 2 d',
      'OwnerRemoved 3 d',
      'OwnerRemoved 4 d',
      'NodeForgotten d',
    ]);
    expect(shown(after(gone, forget), 2)).toBe('2: a* b (a b)');
    expect(outcome(gone, { type: 'Forget', nodeId: 'd' })).toEqual(['refused: "d" owns partitions']);
    const sole = after(formedWith(['a', 'b'], [[0]], 1), down('a'));
    expect(outcome(sole, change({ type: 'ForgetNode', nodeId: 'a' }))[0]).toMatch(
      /owns 1 partitions, which nobody else/,
    );
  });

  it('are not forgotten while their partition changes owners', () => {
    const moving = after(STATE, start(2, 'c', 'b'));
    const changing = after(moving, moved(moving, 2), down('d'));
    expect(outcome(changing, change({ type: 'ForgetNode', nodeId: 'd' }))).toEqual([
      'conflict: partition 2 is changing its owners: ask again later',
    ]);
  });
});

describe('a primary', () => {
  it('is handed back only in the epoch that was meant, to an owner that is up', () => {
    const handBack = (epoch: number, primary: string): ClusterCommand => ({
      type: 'HandBack',
      partition: 0,
      epoch,
      primary,
    });
    expect(outcome(STATE, handBack(1, 'b'))).toEqual(['PrimaryChanged 0 b handback']);
    expect(outcome(STATE, handBack(2, 'b'))).toEqual([]);
    expect(outcome(STATE, handBack(1, 'a'))).toEqual([]);
    expect(outcome(STATE, handBack(1, 'd'))).toEqual(['refused: "d" does not own partition 0']);
    expect(outcome(after(STATE, { type: 'Suspect', nodeId: 'b' }), handBack(1, 'b'))).toEqual([
      'refused: "b" is suspect',
    ]);
    expect(outcome(after(STATE, start(0, 'd', 'b')), handBack(1, 'b'))).toEqual([
      'refused: partition 0 is moving already',
    ]);
  });

  it('moves by wish without any data where the target is an owner', () => {
    const move = (partition: number, target: string): string[] =>
      outcome(STATE, change({ type: 'MovePrimary', partition, target }));
    expect(move(0, 'b')).toEqual(['PrimaryChanged 0 b transfer']);
    expect(move(0, '')).toEqual(['PrimaryChanged 0 b transfer']);
    expect(move(0, 'a')).toEqual([]);
    expect(move(0, 'd')).toEqual(['MoveStarted 0 a d a']);
    const suspected = after(STATE, { type: 'Suspect', nodeId: 'b' });
    expect(outcome(suspected, change({ type: 'MovePrimary', partition: 0, target: 'b' }))).toEqual([
      'conflict: "b" is suspect',
    ]);
    const moving = after(STATE, start(0, 'd', 'b'));
    expect(outcome(moving, change({ type: 'MovePrimary', partition: 0, target: 'c' }))).toEqual([
      'conflict: partition 0 is moving already',
    ]);
  });
});

describe('a report that epochs are served', () => {
  it('counts once, in that epoch, from the process that is the primary', () => {
    const moving = after(STATE, start(0, 'd', 'b'));
    const done = after(moving, moved(moving, 0));
    const report = served(done, 0);
    expect(outcome(done, report)).toEqual(['EpochServed 0 2']);
    expect(outcome(after(done, report), report)).toEqual([]);
    expect(outcome(moving, report)).toEqual([]);
    const reports = { clusterId: 'c1', incarnation: 1, served: [{ partition: 0, epoch: 2 }], failed: [] };
    const from = (nodeId: string, over: object = {}): string[] =>
      outcome(done, { type: 'ReportServed', reports: { ...reports, nodeId, ...over } });
    expect(from('b')).toEqual([]);
    expect(from('a', { incarnation: 2 })).toEqual(['refused: the report is not from the process that is "a"']);
    expect(from('a', { clusterId: 'c2' })).toEqual(['refused: the report is from another cluster']);
    expect(from('a', { served: [{ partition: 16_000, epoch: 2 }] })).toEqual([]);
  });

  it('clears those that come together', () => {
    const some = [0, 1, 2].reduce((state, partition) => {
      const moving = after(state, start(partition, partition === 2 ? 'c' : 'd', 'b'));
      return after(moving, moved(moving, partition));
    }, STATE);
    expect(outcome(some, served(some, 0, 1, 2))).toEqual(['EpochServed 0 2', 'EpochServed 1 2', 'EpochServed 2 2']);
  });
});
