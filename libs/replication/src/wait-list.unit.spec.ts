import fc from 'fast-check';
import { REPLICATION_BOUNDS } from './bounds.js';
import { CommitTracker } from './commit-tracker.js';
import { WAIT_LEVELS, WaitList, type WaitListener } from './wait-list.js';

const GROUPS = 2;
const SELF = 1;
const BOUNDS = { ...REPLICATION_BOUNDS, maxWaiting: 12, maxWaitingBytes: 100 };

interface Waiting {
  readonly group: number;
  readonly sequence: number;
  readonly level: number;
  readonly deadlineMs: number;
  readonly bytes: number;
  readonly token: number;
}

class Heard implements WaitListener {
  reached: number[] = [];
  overdue: (readonly [number, number, number])[] = [];
  abandoned: number[] = [];
  onReached(token: number): void {
    this.reached.push(token);
  }
  onOverdue(token: number, reached: number, required: number): void {
    this.overdue.push([token, reached, required]);
  }
  onAbandoned(token: number): void {
    this.abandoned.push(token);
  }
  take(): readonly [number[], (readonly [number, number, number])[], number[]] {
    const { reached, overdue, abandoned } = this;
    this.reached = [];
    this.overdue = [];
    this.abandoned = [];
    return [reached, overdue, abandoned];
  }
}

const LEVEL = fc.constantFrom(WAIT_LEVELS.quorum, WAIT_LEVELS.all, ...[1, 2, 3, 99].map(WAIT_LEVELS.replicas));
const OPERATION = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('add' as const), fc.integer({ min: 1, max: 20 }), LEVEL, fc.nat(60)) },
  {
    weight: 5,
    arbitrary: fc.tuple(
      fc.constant('acknowledge' as const),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constant(0),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('expire' as const), fc.nat(15), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('abandon' as const), fc.constant(0), fc.constant(0), fc.constant(0)) },
);

function reachedBy(tracker: CommitTracker, { group, level }: Waiting): number {
  if (level === WAIT_LEVELS.quorum) return tracker.committed[group];
  return level === WAIT_LEVELS.all ? tracker.atAll(group) : tracker.atReplicas(group, level - 1);
}

function verdictOf(
  tracker: CommitTracker,
  { group, level, sequence, token }: Waiting,
): readonly [number, number, number] {
  const isReplicas = level > WAIT_LEVELS.all;
  const required = isReplicas ? level - 1 : level === WAIT_LEVELS.all ? 3 : 2;
  return [token, tracker.ownersWith(group, sequence, !isReplicas), required];
}

describe('WaitList', () => {
  it('agrees with a plain list, whatever is waited for', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(GROUPS - 1), OPERATION), { maxLength: 80 }), (operations) => {
        const tracker = new CommitTracker(GROUPS, SELF);
        const heard = new Heard();
        const list = new WaitList(GROUPS, tracker, heard, BOUNDS);
        for (let group = 0; group < GROUPS; group++) tracker.lead(group, 1, [1, 2, 3], []);
        let model: Waiting[] = [];
        let nowMs = 0;
        let token = 0;
        /** Takes those out of the model that match, in order of their records. */
        const leave = (matches: (waiting: Waiting) => boolean): Waiting[] => {
          const leaving = model
            .filter(matches)
            .sort((a, b) => a.level - b.level || a.sequence - b.sequence || a.token - b.token);
          model = model.filter((waiting) => !matches(waiting));
          return leaving;
        };
        for (const [group, [kind, a, b, c]] of operations) {
          if (kind === 'add') {
            const waiting = { group, sequence: a, level: b, deadlineMs: nowMs + c, bytes: c, token: ++token };
            const bytes = model.reduce((sum, other) => sum + other.bytes, 0);
            const isRoom =
              model.length < BOUNDS.maxWaiting && (model.length === 0 || bytes + c <= BOUNDS.maxWaitingBytes);
            expect(list.add(group, a, b, nowMs + c, c, token)).toBe(isRoom);
            if (isRoom) model.push(waiting);
          } else if (kind === 'acknowledge') {
            tracker.acknowledge(group, b, a);
            list.release(group);
            const reached = leave(
              (waiting) => waiting.group === group && waiting.sequence <= reachedBy(tracker, waiting),
            );
            expect(heard.take()).toEqual([reached.map((waiting) => waiting.token), [], []]);
          } else if (kind === 'expire') {
            nowMs += a;
            list.expire(nowMs);
            const [reached, overdue, abandoned] = heard.take();
            const expected = leave(({ deadlineMs }) => deadlineMs <= nowMs).map((waiting) =>
              verdictOf(tracker, waiting),
            );
            const byToken = (x: readonly number[], y: readonly number[]): number => x[0] - y[0];
            expect([reached, [...overdue].sort(byToken), abandoned]).toEqual([[], expected.sort(byToken), []]);
          } else {
            list.abandon(group);
            const gone = leave((waiting) => waiting.group === group);
            expect(heard.take()).toEqual([[], [], gone.map((waiting) => waiting.token)]);
          }
          expect(list.count).toBe(model.length);
          expect(list.bytes).toBe(model.reduce((sum, waiting) => sum + waiting.bytes, 0));
        }
      }),
    );
  });

  it('takes one reply of any size, and then no more', () => {
    const heard = new Heard();
    const list = new WaitList(GROUPS, new CommitTracker(GROUPS, SELF), heard, BOUNDS);
    expect(list.add(0, 1, WAIT_LEVELS.quorum, 10, 1_000, 1)).toBe(true);
    expect(list.add(0, 1, WAIT_LEVELS.quorum, 10, 1, 2)).toBe(false);
  });

  it('says what was reached of what was required', () => {
    const tracker = new CommitTracker(GROUPS, SELF);
    const heard = new Heard();
    const list = new WaitList(GROUPS, tracker, heard, BOUNDS);
    tracker.lead(1, 1, [1, 2, 3], []);
    tracker.acknowledge(1, SELF, 5);
    list.add(1, 5, WAIT_LEVELS.quorum, 100, 1, 7);
    list.add(1, 5, WAIT_LEVELS.replicas(2), 100, 1, 8);
    list.release(1);
    list.expire(99);
    expect(heard.take()).toEqual([[], [], []]);
    list.expire(100);
    expect(heard.take()).toEqual([
      [],
      [
        [7, 1, 2],
        [8, 0, 2],
      ],
      [],
    ]);
  });

  it('knows no other levels', () => {
    const list = new WaitList(GROUPS, new CommitTracker(GROUPS, SELF), new Heard(), BOUNDS);
    expect(() => list.add(0, 1, WAIT_LEVELS.replicas(8) + 1, 1, 1, 1)).toThrow('level 10');
  });
});
