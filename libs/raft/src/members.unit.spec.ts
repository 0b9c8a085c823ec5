import { configurationOf, type MemberChange } from './index.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from './testing/direct-group.support.spec.js';

const ADD_4: MemberChange = { kind: 'add-voter', id: 4 };

describe('changes of members', () => {
  it('§4.1: one voter more or less is one step, and counts once it is in the log', () => {
    const group = new DirectGroup([1, 2, 3, 4], {}, [1, 2, 3]);
    group.elect(1);
    group.isolate(2, 3, 4);
    expect(group.node(1).changeMembers([ADD_4])).toMatchObject({ ok: true, index: 2 });
    expect(group.status(1)).toMatchObject({ commit: 1, configuration: configurationOf([1, 2, 3, 4]) });
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    for (const id of [1, 2, 3, 4]) expect(group.status(id).configuration).toEqual(configurationOf([1, 2, 3, 4]));
    expect(group.status(4).commit).toBe(2);
  });

  it('§4.1: one at a time', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(2, 3);
    group.node(1).changeMembers([ADD_4]);
    expect(group.node(1).changeMembers([{ kind: 'remove', id: 3 }])).toMatchObject({
      ok: false,
      reason: 'change-pending',
    });
  });

  it('§4.1, correction of 2015: none before an entry of the leader’s term is committed', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.allow = ({ type }) => type !== 'append';
    group.elect(1);
    expect(group.node(1).changeMembers([ADD_4])).toMatchObject({ ok: false, reason: 'not-ready' });
  });

  it('§4.1: is undone when its entry is replaced', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(1);
    group.node(1).changeMembers([{ kind: 'remove', id: 3 }]);
    group.settle();
    expect(group.status(1).configuration).toEqual(configurationOf([1, 2]));
    group.elect(2);
    group.propose(2, 'a');
    group.join();
    group.tick(2, HEARTBEAT_TICKS);
    expect(group.status(1).configuration).toEqual(configurationOf([1, 2, 3]));
  });

  it('§4.2.1: a learner gets the log and has no vote', () => {
    const group = new DirectGroup([1, 2, 3, 4], {}, [1, 2, 3]);
    group.elect(1);
    group.node(1).changeMembers([{ kind: 'add-learner', id: 4 }]);
    group.settle();
    group.propose(1, 'a');
    expect(group.applied.get(4)).toEqual(['a']);
    group.isolate(2, 3);
    group.propose(1, 'b');
    expect(group.applied.get(1)).toEqual(['a']);
    group.node(4).campaign();
    group.tick(4, 4 * ELECTION_TICKS);
    expect(group.status(4)).toMatchObject({ role: 'follower', term: 1 });
  });

  it('§4.2.2: a leader that is removed leads until that is committed, then resigns', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.isolate(3);
    group.node(1).changeMembers([{ kind: 'remove', id: 1 }]);
    group.settle();
    // Its own copy does not count: two of two are needed.
    expect(group.status(1)).toMatchObject({ role: 'leader', commit: 1 });
    group.join();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.status(1)).toMatchObject({ role: 'follower', commit: 2 });
    group.elect(2);
    expect(group.status(2)).toMatchObject({ role: 'leader' });
    group.propose(2, 'a');
    expect(group.applied.get(3)).toEqual(['a']);
    expect(group.applied.get(1)).toEqual([]);
  });

  it('§4.2.2: one whose removal is not committed may have to lead to commit it', () => {
    const group = new DirectGroup([1, 2]);
    group.elect(1);
    group.isolate(2);
    group.node(1).changeMembers([{ kind: 'remove', id: 1 }]);
    group.settle();
    group.start(1);
    group.join();
    group.tick(2, ELECTION_TICKS);
    group.node(1).campaign();
    group.settle();
    expect(group.status(1)).toMatchObject({ role: 'follower' });
    group.elect(2);
    expect(group.status(2)).toMatchObject({ role: 'leader', configuration: configurationOf([2]) });
  });

  it('§4.3: several voters go through a joint configuration, which both majorities decide and the leader leaves', () => {
    const group = new DirectGroup([1, 2, 3, 4, 5], {}, [1, 2, 3]);
    group.elect(1);
    group.allow = ({ from, to }) => [from, to].every((id) => id === 1 || id >= 4);
    const changes: MemberChange[] = [ADD_4, { kind: 'add-voter', id: 5 }, { kind: 'remove', id: 2 }];
    expect(group.node(1).changeMembers(changes)).toMatchObject({ ok: true });
    group.settle();
    expect(group.status(1)).toMatchObject({
      commit: 1,
      configuration: { voters: [1, 3, 4, 5], outgoing: [1, 2, 3], learners: [] },
    });
    group.isolate();
    group.tick(1, HEARTBEAT_TICKS);
    expect(group.status(1)).toMatchObject({ commit: 3, configuration: configurationOf([1, 3, 4, 5]) });
    for (const id of [3, 4, 5]) expect(group.status(id).configuration).toEqual(configurationOf([1, 3, 4, 5]));
  });

  it('§4.3: a new leader leaves a joint configuration that it finds', () => {
    const group = new DirectGroup([1, 2, 3, 4, 5], {}, [1, 2, 3]);
    group.elect(1);
    group.allow = (message) => message.type !== 'append-reply';
    group.node(1).changeMembers([ADD_4, { kind: 'add-voter', id: 5 }]);
    group.settle();
    group.isolate(1);
    for (const id of [3, 4, 5]) group.tick(id, 1);
    group.elect(2);
    for (let i = 0; i < 4; i++) group.tick(2, HEARTBEAT_TICKS);
    expect(group.status(2)).toMatchObject({ role: 'leader', configuration: configurationOf([1, 2, 3, 4, 5]) });
  });

  it('a voter becomes a learner through the joint configuration', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.node(1).changeMembers([{ kind: 'add-learner', id: 3 }], true);
    group.settle();
    expect(group.status(1).configuration).toEqual(configurationOf([1, 2], [3]));
  });

  it('outlives a restart, from the log and from a snapshot', () => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    group.node(1).changeMembers([{ kind: 'remove', id: 3 }]);
    group.settle();
    group.start(2);
    expect(group.status(2).configuration).toEqual(configurationOf([1, 2]));
    group.compact(1);
    group.start(1);
    expect(group.status(1)).toMatchObject({ configuration: configurationOf([1, 2]), firstIndex: 3 });
  });

  it.each<[string, MemberChange[], string]>([
    ['names none', [], 'no change is named'],
    ['names one twice', [ADD_4, ADD_4], 'member 4 is named twice'],
    ['names an invalid id', [{ kind: 'add-voter', id: 0 }], 'member id 0 is not an integer from 1 to 4294967295'],
    ['changes nothing', [{ kind: 'add-voter', id: 3 }], 'nothing would change'],
    ['leaves no voter', [1, 2, 3].map((id) => ({ kind: 'remove', id })), 'no voter would be left'],
    [
      'exceeds the members',
      Array.from({ length: 29 }, (_, at) => ({ kind: 'add-voter', id: at + 4 })),
      '32 members, at most 31 are allowed',
    ],
  ])('is refused when it %s', (_, changes, problem) => {
    const group = new DirectGroup([1, 2, 3]);
    group.elect(1);
    expect(group.node(1).changeMembers(changes)).toEqual({ ok: false, reason: 'invalid', leader: 1, problem });
    expect(group.node(2).changeMembers(changes)).toMatchObject({ reason: 'not-leader' });
  });
});
