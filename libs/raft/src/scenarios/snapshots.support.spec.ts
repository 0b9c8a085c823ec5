import { crc32 } from '#libs/kernel';
import { configurationOf } from '../index.js';
import { DirectGroup, HEARTBEAT_TICKS } from '../testing/direct-group.support.spec.js';
import type { Scenario } from './scenario.support.spec.js';

/** 3 has missed three entries, and 1 has only a snapshot of them. */
function withLate(): DirectGroup {
  const group = new DirectGroup([1, 2, 3], { snapshotChunkBytes: 4 });
  group.elect(1);
  group.isolate(3);
  for (const command of ['alpha', 'beta', 'gamma']) group.propose(1, command);
  group.compact(1);
  return group;
}

export const SNAPSHOT_SCENARIOS: readonly Scenario[] = [
  {
    name: 'stale-snapshot-ignored',
    shows: 'A snapshot of what a node has committed already changes nothing; its sender is told how far the node is.',
    play: () => {
      const group = new DirectGroup([1, 2, 3]);
      group.elect(1);
      for (const command of ['a', 'b', 'c']) group.propose(1, command);
      const before = group.status(3);
      const data = new Uint8Array([97]);
      const head = {
        index: 2,
        term: 1,
        configuration: configurationOf([1, 2, 3]),
        totalBytes: 1,
        checksum: crc32(data),
      };
      group.deliver({ type: 'snapshot', from: 1, to: 3, term: 1, head, offset: 0, data });
      expect(group.sent.at(-1)).toMatchObject({ type: 'append-reply', from: 3, index: 4, rejected: false });
      expect(group.status(3)).toEqual(before);
      expect(group.applied.get(3)).toEqual(['a', 'b', 'c']);
      return group.transcript;
    },
  },
  {
    name: 'snapshot-aborted-midway',
    shows: 'A snapshot whose sender is gone half-way is dropped where the next leader sends a newer one.',
    play: () => {
      const group = withLate();
      let chunks = 0;
      group.say('three chunks arrive');
      group.allow = ({ type }) => type !== 'snapshot' || ++chunks <= 3;
      group.tick(1, HEARTBEAT_TICKS);
      group.isolate(1);
      const before = group.sent.length;
      group.elect(2);
      group.isolate(1, 3);
      group.say('1 is heard by 2 again, and follows');
      group.allow = ({ from, to }) => from !== 3 && to !== 3;
      group.tick(2, HEARTBEAT_TICKS);
      group.propose(2, 'delta');
      group.compact(2);
      group.join();
      for (let i = 0; i < 3; i++) group.tick(2, HEARTBEAT_TICKS);
      expect(group.applied.get(3)).toEqual(['alpha', 'beta', 'gamma', 'delta']);
      const offsets = group.sent.slice(before).flatMap((m) => (m.type === 'snapshot' ? [m.offset] : []));
      expect(offsets[0]).toBe(0);
      expect(group.node(3).counters.snapshotsInstalled).toBe(1);
      return group.transcript;
    },
  },
  {
    name: 'slow-follower-after-compaction',
    shows: 'Who is behind the log gets a snapshot in chunks, then the log.',
    play: () => {
      const group = withLate();
      group.join();
      group.tick(1, HEARTBEAT_TICKS);
      expect(group.node(3).counters.snapshotsInstalled).toBe(1);
      group.propose(1, 'delta');
      expect(group.applied.get(3)).toEqual(['alpha', 'beta', 'gamma', 'delta']);
      return group.transcript;
    },
  },
];
