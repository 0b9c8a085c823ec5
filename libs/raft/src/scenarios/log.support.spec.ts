import type { Append, Entry } from '../index.js';
import { DirectGroup, ELECTION_TICKS, HEARTBEAT_TICKS } from '../testing/direct-group.support.spec.js';
import type { Scenario } from './scenario.support.spec.js';

const among = (ids: readonly number[], { from, to }: { from: number; to: number }): boolean =>
  ids.includes(from) && ids.includes(to);

export const LOG_SCENARIOS: readonly Scenario[] = [
  {
    name: 'no-commit-without-own-term-entry',
    shows:
      'An old term’s entry on a majority is not committed by counting it, and may be overwritten (thesis fig. 3.7).',
    play: () => {
      const group = new DirectGroup([1, 2, 3, 4, 5], { maxAppendBytes: 20, maxInflightMessages: 1 });
      group.elect(1);
      group.say('1 reaches 2 only');
      group.allow = (message) => among([1, 2], message);
      group.propose(1, 'x');
      group.start(1);
      group.say('5 is elected by 3 and 4, and cannot tell them more');
      group.allow = (message) => among([3, 4, 5], message) && message.type.startsWith('vote');
      group.elect(5);
      expect(group.status(5)).toMatchObject({ role: 'leader', term: 2, lastIndex: 2 });
      group.start(5);
      group.say('1 is elected by 2 and 3, and gives 3 the old entry, not the new one');
      group.allow = (message) => {
        if (!among([1, 2, 3], message)) return false;
        const isNew = message.type === 'append' && message.entries[0]?.index === 3;
        return !isNew || (message.to === 3 && group.status(3).lastIndex < 2);
      };
      group.campaign(1);
      expect(group.status(1)).toMatchObject({ role: 'leader', term: 3 });
      for (const id of [1, 2, 3]) expect(group.node(id).termAt(2)).toBe(1);
      expect(group.status(1).commit).toBeLessThan(2);
      group.say('1 is gone; 5 is elected by 3 and 4, whose logs end in an earlier term');
      group.allow = (message) => among([3, 4, 5], message);
      group.forget(3);
      group.campaign(5);
      expect(group.status(5)).toMatchObject({ role: 'leader', term: 4, commit: 3 });
      expect(group.node(3).termAt(2)).toBe(2);
      return group.transcript;
    },
  },
  {
    name: 'fast-rejection',
    shows: 'Where two logs part is found in one step per term, however long the difference.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      group.isolate(1);
      for (let i = 0; i < 20; i++) group.propose(1, `x${i}`);
      group.elect(2);
      for (let i = 0; i < 20; i++) group.propose(2, `y${i}`);
      group.join();
      const before = group.sent.length;
      group.tick(2, HEARTBEAT_TICKS);
      const rejections = group.sent.slice(before).filter((m) => m.type === 'append-reply' && m.rejected);
      expect(rejections.length).toBeLessThanOrEqual(2);
      expect(group.applied.get(1)).toHaveLength(20);
      return group.transcript;
    },
  },
  {
    name: 'reordering',
    shows: 'Appends and answers that come in the wrong order, and twice, leave the log right.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      const before = group.sent.length;
      group.say('what 1 sends to 2 is held back');
      group.allow = ({ to, type }) => to !== 2 || type !== 'append';
      for (const command of ['a', 'b', 'c']) group.propose(1, command);
      const held = group.sent.slice(before).filter((m): m is Append => m.type === 'append' && m.to === 2);
      group.join();
      for (const append of held.toReversed()) group.deliver(append);
      for (const append of held) group.deliver(append);
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.applied.get(2)).toEqual(['a', 'b', 'c']);
      expect(group.status(2)).toMatchObject({ lastIndex: 4, commit: 4 });
      return group.transcript;
    },
  },
  {
    name: 'append-aba-with-asynchronous-disk',
    shows: 'While an entry is being written it is replaced, and replaced by itself: what counts as durable is right.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.isolate(1, 2, 3);
      const entry = (index: number, term: number): Entry => ({
        index,
        term,
        type: 1,
        version: 1,
        data: new Uint8Array(1),
      });
      const append = { type: 'append', to: 2, prevIndex: 0, prevTerm: 0, commit: 0 } as const;
      group.hanging.add(2);
      group.deliver({ ...append, from: 1, term: 1, entries: [entry(1, 1), entry(2, 1)] });
      group.deliver({ ...append, from: 3, term: 2, prevIndex: 1, prevTerm: 1, entries: [entry(2, 2)] });
      group.deliver({ ...append, from: 1, term: 3, prevIndex: 1, prevTerm: 1, entries: [entry(2, 1), entry(3, 3)] });
      expect(group.sent).toEqual([]);
      group.finishDisk(2);
      const storage = group.storages.get(2)!;
      expect([1, 2, 3].map((index) => storage.term(index))).toEqual([1, 1, 3]);
      expect(group.sent.at(-1)).toMatchObject({ type: 'append-reply', to: 1, term: 3, index: 3, rejected: false });
      group.start(2);
      expect(group.status(2)).toMatchObject({ term: 3, lastIndex: 3 });
      return group.transcript;
    },
  },
  {
    name: 'uncommitted-limit',
    shows: 'A leader that cannot commit takes proposals up to a number of bytes, and again once it can.',
    play: () => {
      const group = new DirectGroup([1, 2, 3], { maxUncommittedBytes: 60 });
      group.elect(1);
      group.isolate(1);
      group.propose(1, 'abcd');
      group.propose(1, 'efgh');
      group.say('the third is refused as busy');
      expect(() => group.propose(1, 'a'.repeat(30))).toThrow('busy');
      group.join();
      group.tick(1, ELECTION_TICKS - 1);
      group.propose(1, 'a'.repeat(30));
      expect(group.applied.get(3)).toHaveLength(3);
      return group.transcript;
    },
  },
];
