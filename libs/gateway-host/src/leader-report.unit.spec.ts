import { NO_STATS, type Heartbeat } from '#libs/cluster';
import { ManualTime } from '#libs/test-ports';
import { LeaderReport } from './leader-report.js';

function heartbeat(nodeId: string, term: number, isLeader: boolean): Heartbeat {
  return {
    featureLevel: 1,
    cluster: 'test',
    nodeId,
    role: 'coordinator',
    incarnation: 1,
    softwareVersion: '1',
    endpoints: { host: `host-of-${nodeId}`, respPort: 0, httpPort: 0, adminPort: 0 },
    zone: '',
    weight: 1,
    tableVersion: 1,
    clusterId: 'x',
    state: 'ready',
    stats: NO_STATS,
    moves: [],
    capabilities: [],
    raft: { raftId: 9, term, isLeader, coordinators: [] },
  };
}

describe('the report of the leader', () => {
  it('believes the later term, and nobody who has fallen silent or steps down', () => {
    const time = new ManualTime();
    const report = new LeaderReport(time, 500);
    expect(report.current).toBeUndefined();
    report.heard(heartbeat('c1', 3, true));
    expect(report.current).toEqual({ nodeId: 'c1', host: 'host-of-c1', raftId: 9, term: 3 });
    report.heard(heartbeat('c2', 2, true));
    report.heard(heartbeat('c2', 9, false));
    expect(report.current?.nodeId).toBe('c1');
    report.heard(heartbeat('c2', 4, true));
    expect(report.current?.nodeId).toBe('c2');
    report.heard(heartbeat('c2', 4, false));
    expect(report.current).toBeUndefined();
    report.heard(heartbeat('c1', 5, true));
    time.advance(2001);
    expect(report.current).toBeUndefined();
  });
});
