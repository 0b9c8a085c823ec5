import { configurationOf, type MemberChange } from '../index.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from '../testing/direct-group.support.spec.js';
import type { Scenario } from './scenario.support.spec.js';

const FOUNDERS = [1, 2, 3];
const ADD_4: MemberChange = { kind: 'add-voter', id: 4 };
const ADD_5: MemberChange = { kind: 'add-voter', id: 5 };
const REMOVE_3: MemberChange = { kind: 'remove', id: 3 };

function led(ids: readonly number[] = FOUNDERS): DirectGroup {
  const group = new DirectGroup(ids, {}, FOUNDERS);
  group.elect(1);
  return group;
}

function expectMembers(group: DirectGroup, ids: readonly number[], voters: readonly number[]): void {
  for (const id of ids) expect(group.status(id).configuration).toEqual(configurationOf(voters));
}

export const MEMBER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'joint-add',
    shows: 'Two voters more go through a joint configuration, which needs both majorities and is left by itself.',
    play: () => {
      const group = led([1, 2, 3, 4, 5]);
      group.say('2 and 3 hear nothing: the new majority is there, the old one is not');
      group.isolate(2, 3);
      group.change(1, [ADD_4, ADD_5]);
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.status(1)).toMatchObject({
        commit: 1,
        configuration: { voters: [1, 2, 3, 4, 5], outgoing: [1, 2, 3] },
      });
      group.join();
      group.tick(1, HEARTBEAT_TICKS);
      group.tick(1, HEARTBEAT_TICKS);
      expectMembers(group, [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]);
      return group.transcript;
    },
  },
  {
    name: 'joint-replace',
    shows: 'One voter takes the place of another: in between both configurations decide together.',
    play: () => {
      const group = led([1, 2, 3, 4]);
      group.change(1, [ADD_4, REMOVE_3]);
      group.tick(1, HEARTBEAT_TICKS);
      expectMembers(group, [1, 2, 4], [1, 2, 4]);
      group.isolate(3);
      group.propose(1, 'a');
      expect(group.applied.get(4)).toEqual(['a']);
      return group.transcript;
    },
  },
  {
    name: 'joint-remove-leader',
    shows: 'A leader leads its own removal until that is committed, then resigns; the others elect one of theirs.',
    play: () => {
      const group = led([1, 2, 3, 4]);
      group.change(1, [{ kind: 'remove', id: 1 }, ADD_4]);
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.status(1).role).toBe('follower');
      group.elect(2);
      expect(group.status(2)).toMatchObject({ role: 'leader', configuration: configurationOf([2, 3, 4]) });
      group.propose(2, 'a');
      for (const id of [2, 3, 4]) expect(group.applied.get(id)).toEqual(['a']);
      return group.transcript;
    },
  },
  {
    name: 'learner-promotion',
    shows: 'A learner gets the log and has no vote; promoted, it counts.',
    play: () => {
      const group = led([1, 2, 3, 4]);
      group.propose(1, 'a');
      group.change(1, [{ kind: 'add-learner', id: 4 }]);
      expect(group.applied.get(4)).toEqual(['a']);
      group.isolate(2, 3);
      group.propose(1, 'b');
      expect(group.applied.get(1)).toEqual(['a']);
      group.join();
      group.tick(1, HEARTBEAT_TICKS);
      group.change(1, [ADD_4]);
      group.isolate(3);
      group.propose(1, 'c');
      expect(group.applied.get(4)).toEqual(['a', 'b', 'c']);
      expectMembers(group, [1, 2, 4], [1, 2, 3, 4]);
      return group.transcript;
    },
  },
  {
    name: 'two-adds-across-terms',
    shows: 'A leader adds 4 alone; the next one adds 5 only after an entry of its own term, which undoes the first.',
    play: () => {
      const group = led([1, 2, 3, 4, 5]);
      group.say('1 and 4 are alone');
      group.allow = ({ from, to }) => [from, to].every((id) => id === 1 || id === 4);
      group.change(1, [ADD_4]);
      expect(group.status(4).configuration).toEqual(configurationOf([1, 2, 3, 4]));
      group.say('2 is elected by 3; its appends do not arrive yet');
      group.allow = ({ from, to, type }) => [from, to].every((id) => id === 2 || id === 3) && type !== 'append';
      group.elect(2);
      expect(() => group.change(2, [ADD_5])).toThrow('not-ready');
      group.say('now they do');
      group.allow = ({ from, to }) => [from, to].every((id) => [2, 3, 5].includes(id));
      group.tick(2, HEARTBEAT_TICKS);
      group.change(2, [ADD_5]);
      expect(group.status(2).commit).toBe(3);
      group.join();
      for (let i = 0; i < 3; i++) group.tick(2, HEARTBEAT_TICKS);
      expectMembers(group, [1, 2, 3, 5], [1, 2, 3, 5]);
      return group.transcript;
    },
  },
  {
    name: 'add-and-remove-across-terms',
    shows: 'One adds 4, the next removes 3: the majorities of both never decide apart (correction of 2015).',
    play: () => {
      const group = led([1, 2, 3, 4]);
      group.say('1 and 4 are alone');
      group.allow = ({ from, to }) => [from, to].every((id) => id === 1 || id === 4);
      group.change(1, [ADD_4]);
      group.say('2 is elected by 3; its appends do not arrive yet');
      group.allow = ({ from, to, type }) => [from, to].every((id) => id === 2 || id === 3) && type !== 'append';
      group.elect(2);
      expect(() => group.change(2, [REMOVE_3])).toThrow('not-ready');
      group.say('now they do: 3 has an entry of term 2 when 2 removes it, and 1 cannot be elected any more');
      group.allow = ({ from, to }) => [from, to].every((id) => id === 2 || id === 3);
      group.tick(2, HEARTBEAT_TICKS);
      group.change(2, [REMOVE_3]);
      group.start(1);
      group.say('1 asks 3 and 4');
      group.allow = ({ from, to }) => [from, to].every((id) => [1, 3, 4].includes(id));
      group.forget(3, 4);
      group.campaign(1);
      expect(group.status(1).role).not.toBe('leader');
      group.join();
      group.tick(2, 2 * HEARTBEAT_TICKS);
      expectMembers(group, [1, 2], [1, 2]);
      return group.transcript;
    },
  },
  {
    name: 'removed-partitioned-node',
    shows: 'A node that does not know of its removal asks in vain and disturbs nobody.',
    play: () => {
      const group = led();
      group.isolate(3);
      group.change(1, [REMOVE_3]);
      expectMembers(group, [1, 2], [1, 2]);
      group.tick(3, 2 * ELECTION_TICKS);
      group.join();
      group.tick(3, 2 * ELECTION_TICKS);
      expect(group.status(3)).toMatchObject({ role: 'follower', leader: 0, term: 1 });
      group.propose(1, 'a');
      expect(group.status(1)).toMatchObject({ role: 'leader', term: 1 });
      expect(group.applied.get(2)).toEqual(['a']);
      return group.transcript;
    },
  },
  {
    name: 'rejoin-with-empty-disk',
    shows:
      'A machine that lost its disk comes back under a new id: its old one is removed, the new one learns, then votes.',
    play: () => {
      const group = led([1, 2, 3, 4]);
      for (const command of ['a', 'b']) group.propose(1, command);
      group.say('3 loses its disk; its machine holds 4 from now on');
      group.isolate(3);
      group.change(1, [REMOVE_3]);
      group.compact(1);
      group.change(1, [{ kind: 'add-learner', id: 4 }]);
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.applied.get(4)).toEqual(['a', 'b']);
      group.change(1, [ADD_4]);
      group.propose(1, 'c');
      expectMembers(group, [1, 2, 4], [1, 2, 4]);
      expect(group.applied.get(4)).toEqual(['a', 'b', 'c']);
      return group.transcript;
    },
  },
  {
    name: 'uncommitted-change-reverted',
    shows: 'A change of members counts once it is in the log, and no longer when its entry is replaced.',
    play: () => {
      const group = led();
      group.isolate(1);
      group.change(1, [REMOVE_3]);
      expectMembers(group, [1], [1, 2]);
      group.elect(2);
      group.propose(2, 'a');
      group.join();
      group.tick(2, HEARTBEAT_TICKS);
      expectMembers(group, [1, 2, 3], [1, 2, 3]);
      return group.transcript;
    },
  },
];
