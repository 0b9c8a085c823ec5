import type { Message, VoteRequest } from '../index.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from '../testing/direct-group.support.spec.js';
import { VOTE, type Scenario } from './scenario.support.spec.js';

/** Nobody has heard a leader for an election timeout. */
function forgetful(ids: readonly number[]): DirectGroup {
  const group = new DirectGroup(ids);
  group.forget(...ids);
  return group;
}

const isVote = (message: Message): message is VoteRequest => message.type === 'vote-request';

export const ELECTION_SCENARIOS: readonly Scenario[] = [
  {
    name: 'duelling-pre-candidates',
    shows: 'Two ask at once, both may begin, the votes are split; whoever asks next wins the next term.',
    play: () => {
      const group = forgetful([1, 2, 3, 4]);
      group.say('1 and 2 do not hear what 3 and 4 ask for in term 1, and the other way round');
      group.allow = (message) => !isVote(message) || message.pre || message.from < 3 === message.to < 3;
      group.say('2 and 3 lose patience together');
      group.node(2).campaign();
      group.node(3).campaign();
      group.settle();
      expect([2, 3].map((id) => group.status(id).role)).toEqual(['candidate', 'candidate']);
      expect([1, 4].map((id) => group.status(id).vote)).toEqual([2, 3]);
      group.join();
      group.tick(2, 2 * ELECTION_TICKS);
      expect(group.status(2)).toMatchObject({ role: 'leader', term: 2 });
      expect(group.status(3)).toMatchObject({ role: 'follower', leader: 2 });
      return group.transcript;
    },
  },
  {
    name: 'newer-log-overwrites',
    shows: 'What a leader wrote alone is overwritten by a later leader; what was committed stays.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.propose(1, 'a');
      group.isolate(1);
      group.propose(1, 'x');
      group.propose(1, 'y');
      group.elect(2);
      group.propose(2, 'b');
      group.join();
      group.tick(2, HEARTBEAT_TICKS);
      for (const id of [1, 2, 3]) expect(group.applied.get(id)).toEqual(['a', 'b']);
      return group.transcript;
    },
  },
  {
    name: 'old-messages',
    shows: 'Messages of earlier terms change nothing; who still thinks that it leads is told of the new term.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.isolate(1);
      group.elect(2);
      const before = [2, 3].map((id) => group.status(id));
      const old = { from: 1, term: 1 } as const;
      group.deliver({ ...old, type: 'append', to: 2, prevIndex: 1, prevTerm: 1, commit: 1, entries: [] });
      group.deliver({ ...old, type: 'heartbeat', to: 3, commit: 1, round: 9, tick: 9 });
      group.deliver({ ...old, type: 'vote-reply', to: 2, pre: false, granted: true });
      group.deliver({ ...old, type: 'append-reply', to: 2, rejected: false, index: 9, hintIndex: 0, hintTerm: 0 });
      group.deliver({ ...old, type: 'timeout-now', to: 3 });
      expect([2, 3].map((id) => group.status(id))).toEqual(before);
      group.join();
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.status(1)).toMatchObject({ role: 'follower', term: 2 });
      return group.transcript;
    },
  },
  {
    name: 'vote-from-every-state',
    shows: 'A follower, a pre-candidate, a candidate and a leader vote in a later term, once.',
    play: () => {
      const states: Readonly<Record<string, (group: DirectGroup) => void>> = {
        follower: () => undefined,
        'pre-candidate': (group) => group.node(2).campaign(),
        candidate: (group) => group.deliver({ type: 'timeout-now', from: 1, to: 2, term: 1 }),
        leader: (group) => (group.join(), group.campaign(2)),
      };
      return Object.entries(states).flatMap(([role, reach]) => {
        const group = forgetful([1, 2, 3]);
        group.isolate(2);
        reach(group);
        group.settle();
        expect(group.status(2).role).toBe(role);
        group.isolate(2);
        const request = { ...VOTE, from: 3, to: 2, term: 7, lastIndex: 9, lastTerm: 6 };
        group.deliver(request);
        expect(group.status(2)).toMatchObject({ role: 'follower', term: 7, vote: 3 });
        group.deliver({ ...request, from: 1 });
        expect(group.status(2).vote).toBe(3);
        return group.transcript;
      });
    },
  },
  {
    name: 'free-stuck-candidate',
    shows: 'A candidate of a later term that nobody heard is freed by the leader that it makes resign.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.say('nobody hears what 3 asks for');
      group.allow = (message) => !(isVote(message) && message.from === 3);
      group.node(1).transferLeadership(3);
      group.settle();
      expect(group.status(3)).toMatchObject({ role: 'candidate', term: 2 });
      expect(group.status(1)).toMatchObject({ role: 'leader', term: 1 });
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.status(1)).toMatchObject({ role: 'follower', term: 2 });
      group.elect(1);
      expect(group.status(1)).toMatchObject({ role: 'leader', term: 3 });
      expect(group.status(3)).toMatchObject({ role: 'follower', leader: 1, term: 3 });
      return group.transcript;
    },
  },
  {
    name: 'disruptive-server-returns',
    shows: 'A node that was cut off asks in vain, begins no term, and follows again when it is back.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.isolate(3);
      group.tick(3, 2 * ELECTION_TICKS);
      expect(group.status(3)).toMatchObject({ role: 'pre-candidate', term: 1 });
      group.join();
      group.tick(3, 2 * ELECTION_TICKS);
      group.say('a real request for votes in a later term, as without pre-votes');
      group.deliver({ ...VOTE, transfer: false, from: 3, to: 2, term: 9, lastIndex: 9, lastTerm: 9 });
      expect(group.status(2)).toMatchObject({ term: 1, leader: 1 });
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.status(1)).toMatchObject({ role: 'leader', term: 1 });
      expect(group.status(3)).toMatchObject({ role: 'follower', leader: 1, term: 1 });
      return group.transcript;
    },
  },
  {
    name: 'leader-steps-down-without-quorum',
    shows: 'A leader that hears of no quorum for an election timeout resigns, and takes no proposals any more.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.isolate(1);
      group.tick(1, 2 * ELECTION_TICKS);
      expect(group.status(1)).toMatchObject({ role: 'follower', leader: 0, term: 1 });
      expect(group.node(1).propose(new Uint8Array(1), 1)).toMatchObject({ ok: false, reason: 'not-leader' });
      return group.transcript;
    },
  },
  {
    name: 'one-way-link',
    shows: 'Who hears nobody unseats nobody; a leader that nobody hears is replaced, and hears of it.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.say('3 hears nobody, and is heard');
      group.allow = ({ to }) => to !== 3;
      for (let i = 0; i < 3 * ELECTION_TICKS; i++) for (const id of [1, 2, 3]) group.tick(id, 1);
      expect(group.status(1)).toMatchObject({ role: 'leader', term: 1 });
      group.join();
      group.tick(1, HEARTBEAT_TICKS);
      group.say('nobody hears 1, which hears all');
      group.allow = ({ from }) => from !== 1;
      group.elect(2);
      expect(group.status(2)).toMatchObject({ role: 'leader', term: 2 });
      expect(group.status(1)).toMatchObject({ role: 'follower', leader: 2, term: 2 });
      return group.transcript;
    },
  },
];
