import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from '../testing/direct-group.support.spec.js';
import type { Scenario } from './scenario.support.spec.js';

function transfer(group: DirectGroup, from: number, to: number): void {
  const answer = group.node(from).transferLeadership(to);
  group.say(`${from} is asked to hand over to ${to}${answer.ok ? '' : `: ${answer.problem}`}`);
  group.settle();
}

/** 1 leads; 2 is cut off and misses an entry. */
function withSlow(): DirectGroup {
  const group = new DirectGroup([1, 2, 3]);
  group.elect(1);
  group.isolate(2);
  group.propose(1, 'a');
  return group;
}

export const TRANSFER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'transfer-to-slow-follower',
    shows: 'The successor is brought up to date first, then elected at once.',
    play: () => {
      const group = withSlow();
      transfer(group, 1, 2);
      expect(group.status(1).role).toBe('leader');
      group.join();
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.status(2)).toMatchObject({ role: 'leader', term: 2 });
      expect(group.applied.get(2)).toEqual(['a']);
      expect(group.status(1)).toMatchObject({ role: 'follower', leader: 2 });
      return group.transcript;
    },
  },
  {
    name: 'transfer-timeout',
    shows: 'A transfer that does not get done within an election timeout is given up.',
    play: () => {
      const group = withSlow();
      transfer(group, 1, 2);
      group.tick(1, ELECTION_TICKS);
      group.propose(1, 'b');
      expect(group.applied.get(1)).toEqual(['a', 'b']);
      return group.transcript;
    },
  },
  {
    name: 'transfer-refuses-proposals',
    shows: 'While leadership is handed over, proposals and changes of members are refused; reads are not.',
    play: () => {
      const group = withSlow();
      transfer(group, 1, 2);
      expect(() => group.propose(1, 'b')).toThrow('transferring');
      expect(() => group.change(1, [{ kind: 'remove', id: 3 }])).toThrow('transferring');
      expect(group.node(1).read(5)).toEqual({ ok: true });
      group.settle();
      expect(group.reads).toEqual([{ id: 1, context: 5, index: 2 }]);
      return group.transcript;
    },
  },
  {
    name: 'transfer-target-removed',
    shows: 'Leadership goes to voters alone, and not to one whose removal is under way.',
    play: () => {
      const group = withSlow();
      group.isolate(2, 3);
      group.change(1, [{ kind: 'remove', id: 2 }]);
      transfer(group, 1, 2);
      expect(group.node(1).transferLeadership(2)).toMatchObject({ ok: false, problem: '2 is not another voter' });
      group.isolate(2);
      group.tick(1, HEARTBEAT_TICKS);
      transfer(group, 1, 3);
      expect(group.status(3)).toMatchObject({ role: 'leader', term: 2 });
      return group.transcript;
    },
  },
  {
    name: 'second-transfer',
    shows: 'A second transfer takes the place of the first, also of one that the first target still hears of.',
    play: () => {
      const group = withSlow();
      transfer(group, 1, 2);
      transfer(group, 1, 3);
      expect(group.status(3)).toMatchObject({ role: 'leader', term: 2 });
      group.join();
      group.deliver({ type: 'timeout-now', from: 1, to: 2, term: 1 });
      group.tick(3, HEARTBEAT_TICKS);
      expect([1, 2, 3].filter((id) => group.status(id).role === 'leader')).toHaveLength(1);
      group.propose(
        [1, 2, 3].find((id) => group.status(id).role === 'leader')!,
        'b',
      );
      for (const id of [1, 2, 3]) expect(group.applied.get(id)).toEqual(['a', 'b']);
      return group.transcript;
    },
  },
];
