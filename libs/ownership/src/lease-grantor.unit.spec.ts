import { LeaseGrantor, OWNERSHIP_RULES, OWNERSHIP_TIMES } from './index.js';

const LEASE = OWNERSHIP_TIMES.leaseMs;
const START = 10_000;
/** Promises of an earlier life have run out. */
const LATER = START + LEASE;

const grantorWith = (...epochs: readonly number[]): LeaseGrantor =>
  new LeaseGrantor(Uint32Array.from(epochs), START, OWNERSHIP_TIMES, OWNERSHIP_RULES);

function save(grantor: LeaseGrantor): void {
  grantor.onSaved(grantor.takeUnsaved());
}

describe('LeaseGrantor', () => {
  it('answers a seal once it is saved', () => {
    const grantor = grantorWith(0, 4);
    expect(grantor.seal(1, 5, 'b')).toBe(true);
    expect(grantor.takeDue(LATER)).toEqual([]);
    const unsaved = grantor.takeUnsaved();
    expect(unsaved).toEqual([{ partition: 1, epoch: 5 }]);
    expect(grantor.takeUnsaved()).toEqual([]);
    grantor.onSaved(unsaved);
    expect(grantor.takeDue(LATER)).toEqual([{ partition: 1, epoch: 5, to: 'b' }]);
    expect(grantor.takeDue(LATER)).toEqual([]);
    expect([grantor.knownEpoch(1), grantor.savedEpoch(1)]).toEqual([5, 5]);
    expect(grantor.knownEpoch(0)).toBe(0);
  });

  it('answers again where it is asked again', () => {
    const grantor = grantorWith(5);
    for (let i = 0; i < 2; i++) {
      expect(grantor.seal(0, 5, 'b')).toBe(true);
      expect(grantor.takeDue(LATER)).toHaveLength(1);
    }
  });

  it('refuses lower epochs from the moment at which it hears of a higher one', () => {
    const grantor = grantorWith(4);
    expect(grantor.grant(0, 4, START)).toBe('granted');
    grantor.seal(0, 5, 'b');
    expect(grantor.grant(0, 4, START)).toBe('refused');
    expect(grantor.admits(0, 4)).toBe('refused');
    expect(grantor.seal(0, 4, 'a')).toBe(false);
  });

  it('promises nothing in an epoch that is not saved', () => {
    const grantor = grantorWith(4);
    expect(grantor.grant(0, 5, START)).toBe('unsaved');
    save(grantor);
    expect(grantor.grant(0, 5, START)).toBe('granted');
  });

  it('waits with the answer until its promise has run out', () => {
    const grantor = grantorWith(4);
    grantor.grant(0, 4, LATER + 100);
    grantor.grant(0, 4, LATER);
    grantor.seal(0, 5, 'b');
    save(grantor);
    expect(grantor.takeDue(LATER + 100 + LEASE - 1)).toEqual([]);
    expect(grantor.takeDue(LATER + 100 + LEASE)).toHaveLength(1);
  });

  it('waits after a start for what it may have promised before', () => {
    const grantor = grantorWith(4);
    grantor.seal(0, 5, 'b');
    save(grantor);
    expect(grantor.takeDue(START + LEASE - 1)).toEqual([]);
    expect(grantor.takeDue(START + LEASE)).toHaveLength(1);
  });

  it('owes no answer for an epoch that another one has overtaken', () => {
    const grantor = grantorWith(4);
    grantor.seal(0, 5, 'b');
    grantor.admits(0, 6);
    save(grantor);
    expect(grantor.takeDue(LATER)).toEqual([]);
    expect(grantor.seal(0, 5, 'b')).toBe(false);
  });

  it('does not take a list that was saved late for the newest', () => {
    const grantor = grantorWith(4);
    grantor.admits(0, 5);
    const first = grantor.takeUnsaved();
    grantor.admits(0, 6);
    grantor.onSaved(grantor.takeUnsaved());
    grantor.onSaved(first);
    expect(grantor.savedEpoch(0)).toBe(6);
  });

  it('has at most 16,384 partitions', () => {
    expect(() => grantorWith()).toThrow('0 partitions');
    expect(() => grantorWith(...new Uint32Array(16_385))).toThrow('16385 partitions');
    expect(grantorWith(...new Uint32Array(16_384)).partitionCount).toBe(16_384);
  });
});
