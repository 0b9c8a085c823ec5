import { RAFT_BOUNDS } from './bounds.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from './testing/direct-group.support.spec.js';

describe('reads', () => {
  it('§6.4: are answered once a quorum has confirmed the leader', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.propose(1, 'a');
    group.isolate(2, 3);
    expect(group.node(1).read(7)).toEqual({ ok: true });
    group.settle();
    expect(group.reads).toEqual([]);
    group.isolate(3);
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.reads).toEqual([{ id: 1, context: 7, index: 2 }]);
  });

  it('§6.4: are not confirmed by answers to earlier heartbeats', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.tick(1, HEARTBEAT_TICKS);
    const old = group.sent.filter(({ type }) => type === 'heartbeat-reply').at(-1)!;
    group.isolate(2, 3);
    group.node(1).read(7);
    group.settle();
    group.join();
    group.deliver(old);
    expect(group.reads).toEqual([]);
  });

  it('§6.4: wait for the first commit of the leader’s term', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.allow = ({ type }) => type !== 'append';
    group.elect(1);
    group.node(1).read(1);
    group.node(1).read(2, 'lease');
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.reads).toEqual([]);
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.reads.map(({ context }) => context)).toEqual([1, 2]);
  });

  it('share one round where they come together', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    const before = group.sent.length;
    for (let context = 0; context < 100; context++) group.node(1).read(context);
    group.settle();
    expect(group.reads).toHaveLength(100);
    expect(group.sent.slice(before).filter(({ type }) => type === 'heartbeat')).toHaveLength(2);
  });

  it('§6.4.1: by lease need no message while a quorum’s promises hold', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(2, 3);
    group.node(1).read(1, 'lease');
    group.settle();
    expect(group.reads).toHaveLength(1);
    group.tick(1, ELECTION_TICKS - 3);
    group.node(1).read(2, 'lease');
    group.settle();
    expect(group.reads).toHaveLength(1);
  });

  it('§6.4.1: trust no lease once another was asked to take over', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.allow = ({ type }) => type !== 'timeout-now';
    group.node(1).transferLeadership(2);
    group.tick(1, ELECTION_TICKS);
    const before = group.sent.length;
    group.node(1).read(1, 'lease');
    group.settle();
    expect(group.sent.slice(before).some(({ type }) => type === 'heartbeat')).toBe(true);
  });

  it('are given back when leadership is lost', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(1);
    group.node(1).read(7);
    group.tick(1, 2 * ELECTION_TICKS);
    expect(group.aborted).toEqual([7]);
    expect(group.node(1).read(8)).toMatchObject({ ok: false, reason: 'not-leader' });
  });

  it('are refused beyond their bound', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(2, 3);
    for (let context = 0; context < RAFT_BOUNDS.maxPendingReads; context++) group.node(1).read(context);
    expect(group.node(1).read(0)).toMatchObject({ ok: false, reason: 'busy' });
  });

  it('need nobody else in a group of one', () => {
    const group = new DirectGroup([1]);
    group.elect(1);
    group.node(1).read(3);
    group.node(1).read(4, 'lease');
    group.settle();
    expect(group.reads.map(({ context }) => context)).toEqual([3, 4]);
  });
});
