import { HEALTHY } from './mutants.js';
import { RaftWorld } from './raft-world.js';
import type { RaftMachine } from './raft-machine.js';

const ELECTION_MS = 100;

/** Three machines, and the one that leads. */
function group(): { readonly world: RaftWorld; readonly leader: RaftMachine } {
  const world = new RaftWorld({ seed: 1, founders: 3, machines: 3, oneByOne: false, steps: [] }, HEALTHY, undefined);
  world.queue.runFor(5 * ELECTION_MS);
  const leader = world.newestLeader;
  if (leader === undefined) throw new Error('nobody leads');
  return { world, leader };
}

describe('a machine that pauses', () => {
  it('sleeps on where a shorter pause begins within a longer one', () => {
    const { world, leader } = group();
    leader.pause(400);
    world.queue.runFor(200);
    leader.pause(50);
    world.queue.runFor(190);
    expect(leader.isAwake).toBe(false);
    world.queue.runFor(10);
    expect(leader.isAwake).toBe(true);
  });

  it('has all its missed ticks before it is asked anything, also where it is woken early', () => {
    const { world, leader } = group();
    const before = world.checks.reads;
    leader.pause(10 * ELECTION_MS);
    world.queue.runFor(5 * ELECTION_MS);
    expect(world.newestLeader).not.toBe(leader);
    leader.pausedUntilMs = 0;
    leader.touch((node) => {
      expect(node.status.role).not.toBe('leader');
      expect(node.read(1, 'lease')).toMatchObject({ ok: false, reason: 'not-leader' });
    });
    expect(world.checks.reads).toBe(before);
  });
});
