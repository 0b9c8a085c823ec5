import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from '../testing/direct-group.support.spec.js';
import type { Scenario } from './scenario.support.spec.js';

function read(group: DirectGroup, id: number, context: number, mode: 'quorum' | 'lease' = 'quorum'): void {
  const answer = group.node(id).read(context, mode);
  group.say(
    `${id} is asked to read${mode === 'lease' ? ' by its lease' : ''}: read ${context}${answer.ok ? '' : `, ${answer.reason}`}`,
  );
  group.settle();
}

export const READ_SCENARIOS: readonly Scenario[] = [
  {
    name: 'read-index-on-new-leader',
    shows: 'A new leader answers no read before an entry of its own term is committed.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.propose(1, 'a');
      group.say('no append of 2 arrives');
      group.allow = ({ type, from }) => type !== 'append' || from !== 2;
      group.elect(2);
      read(group, 2, 7);
      group.tick(2, HEARTBEAT_TICKS);
      expect(group.reads).toEqual([]);
      group.join();
      group.tick(2, HEARTBEAT_TICKS);
      expect(group.reads).toEqual([{ id: 2, context: 7, index: 3 }]);
      return group.transcript;
    },
  },
  {
    name: 'read-on-deposed-leader',
    shows: 'A leader that has been replaced without noticing answers no read, and gives it back.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.propose(1, 'a');
      group.isolate(1);
      read(group, 1, 7);
      for (const id of [2, 3]) for (let i = 0; i < ELECTION_TICKS; i++) group.node(id).tick();
      group.node(2).campaign();
      group.settle();
      group.propose(2, 'b');
      expect([1, 2].map((id) => group.status(id).role)).toEqual(['leader', 'leader']);
      expect(group.reads).toEqual([]);
      group.join();
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.aborted).toEqual([7]);
      read(group, 2, 8);
      expect(group.reads).toEqual([{ id: 2, context: 8, index: 4 }]);
      return group.transcript;
    },
  },
  {
    name: 'lease-under-skew',
    shows: 'A lease ends before another can be elected, also where the leader’s clock loses a tenth.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.tick(1, HEARTBEAT_TICKS);
      group.isolate(1);
      group.say('9 ticks of 1 take as long as 10 of the others');
      for (let i = 1; i <= ELECTION_TICKS; i++) {
        for (const id of [2, 3]) group.tick(id, 1);
        if (i < ELECTION_TICKS) group.tick(1, 1);
        read(group, 1, i, 'lease');
      }
      const answered = group.reads.map(({ context }) => context);
      expect(Math.max(...answered)).toBeGreaterThan(3);
      expect(Math.max(...answered)).toBeLessThan(ELECTION_TICKS - 1);
      group.node(2).campaign();
      group.settle();
      group.propose(2, 'b');
      expect([1, 2].map((id) => group.status(id).role)).toEqual(['leader', 'leader']);
      read(group, 1, 99, 'lease');
      expect(group.reads.map(({ context }) => context)).toEqual(answered);
      return group.transcript;
    },
  },
];
