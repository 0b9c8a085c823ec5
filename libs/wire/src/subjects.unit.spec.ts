import { FrameSlab } from './frame-slab.js';
import { isSubjectToken, subjectsOf } from './subjects.js';

describe('subjects', () => {
  it('are these', () => {
    const subjects = subjectsOf('prod-1');
    expect({
      ...subjects,
      raft: subjects.raft(4294967295),
      raftRefusal: subjects.raftRefusal(7),
      clusterEvent: subjects.clusterEvent('NodeJoined'),
      operations: subjects.operations('s1'),
      replies: subjects.replies('g1', 's1.17'),
      allReplies: subjects.allReplies('g1'),
      ping: subjects.ping('s1'),
      probe: subjects.probe('s1'),
      moves: subjects.moves('s1'),
    }).toEqual({
      heartbeat: 'hc.prod-1.v1.ctl.heartbeat',
      table: 'hc.prod-1.v1.ctl.table',
      tableRequest: 'hc.prod-1.v1.ctl.table.get',
      events: 'hc.prod-1.v1.ctl.events',
      moveFinished: 'hc.prod-1.v1.ctl.move.finished',
      epochReports: 'hc.prod-1.v1.ctl.epochs',
      change: 'hc.prod-1.v1.ctl.change',
      leave: 'hc.prod-1.v1.ctl.leave',
      raft: 'hc.prod-1.v1.raft.4294967295',
      raftRefusal: 'hc.prod-1.v1.raft.7.refused',
      clusterEvents: 'hc.prod-1.v1.ev.>',
      clusterEvent: 'hc.prod-1.v1.ev.NodeJoined',
      operations: 'hc.prod-1.v1.op.s1',
      replies: 'hc.prod-1.v1.re.g1.s1.17',
      allReplies: 'hc.prod-1.v1.re.g1.>',
      ping: 'hc.prod-1.v1.node.s1.ping',
      probe: 'hc.prod-1.v1.node.s1.probe',
      moves: 'hc.prod-1.v1.mv.s1',
    });
  });

  it.each(['', 'a.b', 'a b', 'a*', '>', 'ä', 'x'.repeat(65)])('cannot be made of %j', (name) => {
    expect(isSubjectToken(name)).toBe(false);
    expect(() => subjectsOf(name)).toThrow(RangeError);
  });

  it('take names of 64 characters', () => {
    expect(isSubjectToken('x'.repeat(64))).toBe(true);
  });
});

describe('FrameSlab', () => {
  it('gives copies that later frames do not change', () => {
    const slab = new FrameSlab();
    const source = new Uint8Array(300_000);
    const frames = [5, 1000, 200_000, 262_144, 262_145, 300_000, 0, 200_000].map((length, i) => {
      source.fill(i + 1);
      return { length, value: i + 1, frame: slab.copy(source, length) };
    });
    for (const { length, value, frame } of frames) {
      expect(frame.length).toBe(length);
      expect(frame.every((byte) => byte === value)).toBe(true);
    }
  });
});
