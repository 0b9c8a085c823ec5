import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from './testing/direct-group.support.spec.js';

const PRE_VOTE = { type: 'vote-request', pre: true, transfer: false, lastIndex: 1, lastTerm: 1 } as const;

/** Of every node of a {@link DirectGroup}. */
const PATIENCE = 2 * ELECTION_TICKS - 1;

describe('elections', () => {
  it('§3.4: a node that hears no leader for an election timeout asks, is elected and says so', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    expect(group.status(1)).toMatchObject({ role: 'leader', term: 1, vote: 1 });
    for (const id of [2, 3]) expect(group.status(id)).toMatchObject({ role: 'follower', leader: 1, term: 1, vote: 1 });
  });

  it('§9.3: the timeout is drawn between one and two election timeouts', () => {
    for (const [random, ticks] of [
      [0, ELECTION_TICKS],
      [ELECTION_TICKS - 1, 2 * ELECTION_TICKS - 1],
    ] as const) {
      const group = new DirectGroup([1], { rng: { nextU32: () => random } });
      group.tick(1, ticks - 1);
      expect(group.status(1).role).toBe('follower');
      group.tick(1, 1);
      expect(group.status(1)).toMatchObject({ role: 'leader', commit: 1 });
    }
  });

  it('§3.4: a leader keeps its followers by heartbeats', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    for (let i = 0; i < 10 * ELECTION_TICKS; i++) for (const id of [1, 2, 3]) group.tick(id, 1);
    expect(group.status(1)).toMatchObject({ role: 'leader', term: 1 });
  });

  it('§3.6.1: nobody votes for a log that is behind its own', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(3);
    group.propose(1, 'a');
    group.isolate(1);
    group.elect(3);
    expect(group.status(3).role).not.toBe('leader');
    group.elect(2);
    expect(group.status(2).role).toBe('leader');
  });

  it('§3.4: a node has one vote per term', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.tick(2, 0);
    const request = { type: 'vote-request', term: 1, pre: false, transfer: true, lastIndex: 9, lastTerm: 1 } as const;
    group.deliver({ ...request, from: 3, to: 2 });
    expect(group.sent.at(-1)).toMatchObject({ type: 'vote-reply', to: 3, granted: false });
    expect(group.status(2).vote).toBe(1);
  });

  it('§9.6: a node that is cut off asks again and again and begins no term', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(3);
    group.tick(3, 10 * ELECTION_TICKS);
    expect(group.status(3)).toMatchObject({ role: 'pre-candidate', term: 1 });
    group.join();
    group.tick(3, 2 * ELECTION_TICKS);
    expect(group.status(1)).toMatchObject({ role: 'leader', term: 1 });
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.status(3)).toMatchObject({ role: 'follower', leader: 1, term: 1 });
  });

  it('§4.2.3: whoever has heard a leader lately refuses, in the same term too', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    const request = { type: 'vote-request', from: 3, to: 2, transfer: false, lastIndex: 9, lastTerm: 9 } as const;
    for (const term of [1, 7]) {
      group.deliver({ ...request, term, pre: true });
      expect(group.sent.at(-1)).toMatchObject({ type: 'vote-reply', granted: false, term: 1 });
      group.deliver({ ...request, term, pre: false });
      expect(group.sent.at(-1)).toMatchObject({ type: 'vote-reply', granted: false, term: 1 });
    }
    expect(group.node(2).counters.stickyRefusals).toBe(4);
  });

  it('§6.4.1: after a restart a node refuses votes until its promises of before have ended', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.start(2);
    const request = {
      type: 'vote-request',
      from: 3,
      to: 2,
      transfer: false,
      pre: true,
      lastIndex: 9,
      lastTerm: 9,
    } as const;
    group.deliver({ ...request, term: 2 });
    expect(group.sent.at(-1)).toMatchObject({ granted: false });
    group.tick(2, ELECTION_TICKS);
    group.deliver({ ...request, term: 2 });
    expect(group.sent.at(-1)).toMatchObject({ granted: true });
  });

  it('§3.8: term and vote outlive a restart', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.start(2);
    expect(group.status(2)).toMatchObject({ term: 1, vote: 1 });
  });

  it('§3.8: nothing is sent before term and vote are written', () => {
    const group = new DirectGroup([1, 2, 3]);
    for (let i = 0; i < 2 * ELECTION_TICKS; i++) for (const id of [1, 2, 3]) group.node(id).tick();
    const node = group.node(1);
    node.step({
      type: 'vote-request',
      from: 2,
      to: 1,
      term: 5,
      pre: false,
      transfer: false,
      lastIndex: 0,
      lastTerm: 0,
    });
    const ready = node.ready();
    expect(ready).toMatchObject({ hardState: { term: 5, vote: 2 }, mustSync: true });
    expect(ready.messages.at(-1)).toMatchObject({ type: 'vote-reply', granted: true });
    expect(node.hasReady()).toBe(false);
    expect(() => node.ready()).toThrow('advance() must be called');
    node.advance();
    expect(() => node.advance()).toThrow('advance() without a ready()');
  });

  it('§6.2: a leader that hears of no quorum for an election timeout resigns', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(1);
    group.tick(1, 2 * ELECTION_TICKS);
    expect(group.status(1)).toMatchObject({ role: 'follower', leader: 0, term: 1 });
  });

  it('§3.3: an old leader learns of the new term and follows', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(1);
    group.elect(2);
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.status(1)).toMatchObject({ role: 'follower', term: 2 });
    group.tick(2, HEARTBEAT_TICKS);
    expect(group.status(1).leader).toBe(2);
  });

  it('drops and counts what is not for it, or contradicts what it knows', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.deliver({ type: 'timeout-now', from: 3, to: 2, term: 1 });
    group.deliver({ type: 'heartbeat', from: 2, to: 1, term: 1, commit: 0, round: 1, tick: 1 });
    group.deliver({ type: 'heartbeat-reply', from: 2, to: 1, term: 1, round: 1e9, tick: 1 });
    group.deliver({
      type: 'append-reply',
      from: 2,
      to: 1,
      term: 1,
      rejected: false,
      index: 99,
      hintIndex: 0,
      hintTerm: 0,
    });
    expect(group.node(1).counters.contradictions).toBe(3);
    expect(group.node(2).counters.contradictions).toBe(1);
    group.node(1).step({ type: 'timeout-now', from: 2, to: 3, term: 9 });
    group.node(1).step({ type: 'timeout-now', from: 1, to: 1, term: 9 });
    expect(group.node(1).counters.misaddressed).toBe(2);
    expect(group.status(1)).toMatchObject({ role: 'leader', term: 1 });
  });
});

describe('elections that do not go smoothly', () => {
  /** The leader is gone, and 2 and 3 lose patience with the next tick. */
  function bereft(): DirectGroup {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(1);
    for (const id of [2, 3]) for (let i = 0; i < PATIENCE - 1; i++) group.node(id).tick();
    return group;
  }

  it('of two that ask at the same time the one with the higher id begins, and is elected', () => {
    const group = bereft();
    for (const id of [2, 3]) group.node(id).tick();
    group.settle();
    expect(group.status(3)).toMatchObject({ role: 'leader', term: 2 });
    expect(group.status(2)).toMatchObject({ role: 'follower', leader: 3, vote: 3 });
    expect(group.node(2).counters.elections).toBe(0);
  });

  it('the one with the higher id yields a moment later, since it may reach fewer', () => {
    const group = bereft();
    group.allow = ({ from, to }) => from !== 3 && to !== 1;
    group.tick(3, 1);
    expect(group.status(3).role).toBe('pre-candidate');
    for (let i = 0; i < HEARTBEAT_TICKS; i++) group.node(3).tick();
    group.allow = ({ from, to }) => from !== 1 && to !== 1;
    group.tick(2, 1);
    expect(group.status(2)).toMatchObject({ role: 'leader', term: 2 });
  });

  it('whoever is refused asks again after a quarter of the timeout, then half, then all', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.say('2 and 3 trust their leader, which does not reach 3 any more');
    group.allow = ({ from, to }) => !(from === 1 && to === 3);
    const rounds: number[] = [];
    for (let tick = 1; tick <= 6 * ELECTION_TICKS; tick++) {
      group.node(2).step({ type: 'heartbeat', from: 1, to: 2, term: 1, commit: 1, round: 1, tick: 1 });
      const before = group.sent.length;
      group.tick(3, 1);
      if (group.sent.slice(before).some(({ from, type }) => from === 3 && type === 'vote-request')) rounds.push(tick);
    }
    // The rest of each is drawn at random, here the most.
    const [quarter, half, whole] = [2 + 4, 5 + 9, 10 + 9];
    expect(rounds).toEqual([
      PATIENCE,
      PATIENCE + quarter,
      PATIENCE + quarter + half,
      PATIENCE + quarter + half + whole,
    ]);
  });

  it('a vote counts however late it comes, also when the next term is asked about already', () => {
    const group = bereft();
    group.say('the votes for 3 are late');
    group.allow = ({ from, to, ...message }) =>
      from !== 1 && to !== 1 && !(message.type === 'vote-reply' && !message.pre) && !(from === 3 && to === 2);
    group.node(2).step({ ...PRE_VOTE, from: 3, to: 2, term: 2 });
    group.node(3).campaign();
    group.node(3).step({ type: 'vote-reply', from: 2, to: 3, term: 2, pre: true, granted: true });
    group.settle();
    expect(group.status(3)).toMatchObject({ role: 'candidate', term: 2 });
    group.tick(3, PATIENCE);
    expect(group.status(3)).toMatchObject({ role: 'pre-candidate', term: 2 });
    group.deliver({ type: 'vote-reply', from: 2, to: 3, term: 2, pre: false, granted: true });
    expect(group.status(3)).toMatchObject({ role: 'leader', term: 2 });
  });

  it('a late vote makes no leader of a node that has followed another one since, or has led', () => {
    const group = bereft();
    group.allow = () => false;
    group.node(3).campaign();
    group.node(3).step({ type: 'vote-reply', from: 2, to: 3, term: 2, pre: true, granted: true });
    group.settle();
    group.node(3).step({ type: 'heartbeat', from: 2, to: 3, term: 2, commit: 0, round: 1, tick: 1 });
    group.tick(3, PATIENCE);
    expect(group.status(3)).toMatchObject({ role: 'pre-candidate', term: 2 });
    group.deliver({ type: 'vote-reply', from: 1, to: 3, term: 2, pre: false, granted: true });
    expect(group.status(3).role).toBe('pre-candidate');
    group.tick(1, 2 * ELECTION_TICKS + PATIENCE);
    expect(group.status(1)).toMatchObject({ role: 'pre-candidate', term: 1, vote: 1 });
    group.deliver({ type: 'vote-reply', from: 3, to: 1, term: 1, pre: false, granted: true });
    expect(group.status(1).role).toBe('pre-candidate');
  });

  it('a candidate does not lose patience while its vote for itself is being written', () => {
    const group = bereft();
    group.hanging.add(3);
    group.tick(3, 1);
    expect(group.status(3)).toMatchObject({ role: 'candidate', term: 2 });
    group.tick(3, 5 * ELECTION_TICKS);
    expect(group.status(3)).toMatchObject({ role: 'candidate', term: 2 });
    group.finishDisk(3);
    expect(group.status(3)).toMatchObject({ role: 'leader', term: 2 });
  });
});

describe('leadership transfer', () => {
  it('§3.10: the successor is brought up to date, then elected at once', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(2);
    group.propose(1, 'a');
    expect(group.node(1).transferLeadership(2)).toEqual({ ok: true });
    expect(group.node(1).propose(new Uint8Array(1), 1)).toMatchObject({ ok: false, reason: 'transferring' });
    expect(group.node(1).changeMembers([{ kind: 'remove', id: 3 }])).toMatchObject({ reason: 'transferring' });
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.status(2)).toMatchObject({ role: 'leader', term: 2 });
    expect(group.applied.get(2)).toEqual(['a']);
    expect(group.status(1)).toMatchObject({ role: 'follower', leader: 2 });
  });

  it('§3.10: is given up after an election timeout', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(2);
    group.node(1).transferLeadership(2);
    group.tick(1, ELECTION_TICKS);
    group.propose(1, 'a');
    expect(group.applied.get(1)).toEqual(['a']);
  });

  it('goes to the voter with the furthest log where none is named, and to voters alone', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(2);
    group.propose(1, 'a');
    expect(group.node(1).transferLeadership(7)).toMatchObject({
      ok: false,
      reason: 'invalid',
      problem: '7 is not another voter',
    });
    expect(group.node(2).transferLeadership()).toMatchObject({ ok: false, reason: 'not-leader' });
    group.node(1).transferLeadership();
    group.settle();
    expect(group.status(3).role).toBe('leader');
  });
});
