import { utf8Bytes, utf8Text } from '#libs/kernel';
import { RAFT_BOUNDS, type Message, type RaftNode } from './index.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from './testing/direct-group.support.spec.js';

const kindsOf = (messages: readonly Message[]): string[] => messages.map(({ type, to }) => `${type} to ${to}`);

function led(): { group: DirectGroup; leader: RaftNode } {
  const group = new DirectGroup([1, 2, 3]);
  group.elect(1);
  return { group, leader: group.node(1) };
}

describe('while the disk writes', () => {
  it('§10.2.1: entries of a leader leave, and heartbeats; nothing is sent twice', () => {
    const { leader } = led();
    leader.propose(utf8Bytes('a'), 1);
    expect(kindsOf(leader.takeMessages())).toEqual(['append to 2', 'append to 3']);
    expect(leader.takeMessages()).toEqual([]);
    const first = leader.ready();
    expect(first.messages).toEqual([]);
    leader.propose(utf8Bytes('b'), 1);
    for (let i = 0; i < HEARTBEAT_TICKS; i++) leader.tick();
    expect(kindsOf(leader.takeMessages()).sort()).toEqual([
      'append to 2',
      'append to 3',
      'heartbeat to 2',
      'heartbeat to 3',
    ]);
    leader.advance();
    expect(leader.ready().entries.map(({ data }) => utf8Text(data))).toEqual(['b']);
  });

  it('what is not taken is in the next Ready', () => {
    const { leader } = led();
    leader.propose(utf8Bytes('a'), 1);
    expect(kindsOf(leader.ready().messages)).toEqual(['append to 2', 'append to 3']);
  });

  it('§3.8: nothing leaves before term and vote are durable', () => {
    const { group } = led();
    const node = group.node(2);
    for (let i = 0; i < ELECTION_TICKS; i++) node.tick();
    node.step({ type: 'heartbeat', from: 1, to: 2, term: 1, commit: 1, round: 9, tick: 9 });
    for (let i = 0; i < ELECTION_TICKS; i++) node.tick();
    const request = { type: 'vote-request', from: 3, to: 2, pre: false, transfer: false } as const;
    node.step({ ...request, term: 5, lastIndex: 9, lastTerm: 4 });
    expect(node.takeMessages()).toEqual([]);
    const ready = node.ready();
    expect(ready.hardState).toEqual({ term: 5, vote: 3 });
    expect(kindsOf(ready.messages)).toEqual(['heartbeat-reply to 1', 'vote-reply to 3']);
    node.step({ type: 'heartbeat', from: 3, to: 2, term: 5, commit: 0, round: 1, tick: 1 });
    expect(node.takeMessages()).toEqual([]);
    node.advance();
    expect(kindsOf(node.takeMessages())).toEqual(['heartbeat-reply to 3']);
  });

  it('§3.8: an entry is acknowledged once it is durable, and what is refused at once', () => {
    const { group } = led();
    const node = group.node(2);
    const entry = { index: 2, term: 1, type: 1, version: 1, data: utf8Bytes('a') } as const;
    const append = { type: 'append', from: 1, to: 2, term: 1, commit: 1 } as const;
    node.step({ ...append, prevIndex: 1, prevTerm: 1, entries: [entry] });
    node.step({ ...append, prevIndex: 7, prevTerm: 1, entries: [] });
    expect(node.takeMessages()).toMatchObject([{ type: 'append-reply', rejected: true }]);
    expect(node.ready().messages).toMatchObject([{ type: 'append-reply', rejected: false, index: 2 }]);
  });

  it('what is committed and durable here is applied; what is not durable here is in a Ready', () => {
    const { group, leader } = led();
    group.hanging.add(1);
    group.propose(1, 'a');
    expect(leader.status).toMatchObject({ commit: 2, applied: 1 });
    expect(leader.takeCommitted()).toEqual([]);
    group.isolate(1);
    group.finishDisk(1);
    expect(group.applied.get(1)).toEqual(['a']);
    group.hanging.add(1);
    group.propose(1, 'b');
    group.propose(1, 'c');
    expect(group.finishDisk(1)).toBeUndefined();
    expect(leader.status).toMatchObject({ commit: 2, lastIndex: 4 });
    const { from, to } = { from: 2, to: 1 };
    group.hanging.add(1);
    group.propose(1, 'd');
    leader.step({ type: 'append-reply', from, to, term: 1, rejected: false, index: 5, hintIndex: 0, hintTerm: 0 });
    expect(leader.status).toMatchObject({ commit: 4, applied: 2 });
    expect(leader.takeCommitted().map(({ data }) => utf8Text(data))).toEqual(['b', 'c']);
    expect(leader.status.applied).toBe(4);
  });

  it('what a Ready has to apply comes before what is committed later', () => {
    const { group } = led();
    const node = group.node(2);
    const entry = { term: 1, type: 1, version: 1, data: utf8Bytes('a') } as const;
    const append = { type: 'append', from: 1, to: 2, term: 1, prevTerm: 1 } as const;
    node.step({ ...append, prevIndex: 1, commit: 2, entries: [{ ...entry, index: 2 }] });
    expect(node.takeCommitted()).toEqual([]);
    expect(node.ready().committed.map(({ index }) => index)).toEqual([2]);
    node.step({ ...append, prevIndex: 2, commit: 3, entries: [{ ...entry, index: 3 }] });
    expect(node.takeCommitted()).toEqual([]);
    node.advance();
    expect(node.ready().committed.map(({ index }) => index)).toEqual([3]);
  });

  it('for too long, a leader resigns, unless nobody else could lead', () => {
    const patience = RAFT_BOUNDS.diskPatienceTimeouts * ELECTION_TICKS;
    for (const ids of [[1, 2, 3], [1]]) {
      const group = new DirectGroup(ids);
      group.elect(1);
      group.hanging.add(1);
      group.propose(1, 'a');
      group.tick(1, patience - 1);
      expect(group.status(1).role).toBe('leader');
      group.tick(1, 1);
      expect(group.status(1).role).toBe(ids.length === 1 ? 'leader' : 'follower');
    }
  });
});
