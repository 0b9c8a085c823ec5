import { COORDINATOR_BOUNDS } from './bounds.js';
import { CollectingLogger, ManualTime } from './fake-ports.support.spec.js';
import { LimitedLog } from './limited-log.js';

describe('the limited log', () => {
  it('repeats a line of one node only after a while', () => {
    const [logger, time] = [new CollectingLogger(), new ManualTime()];
    const log = new LimitedLog(logger, time);
    for (let second = 0; second < 60; second++) {
      log.log('WARN', 'MEMBERSHIP', 'refused', { nodeId: 'a' });
      log.log('WARN', 'MEMBERSHIP', 'refused', { nodeId: 'b' });
      time.advance(1000);
    }
    expect(logger.lines).toHaveLength(4);
  });

  it('does not let a flood of different lines through', () => {
    const [logger, time] = [new CollectingLogger(), new ManualTime()];
    const log = new LimitedLog(logger, time);
    for (let i = 0; i < 5000; i++) log.log('WARN', 'MEMBERSHIP', 'refused', { nodeId: `n${i}` });
    expect(logger.lines).toHaveLength(COORDINATOR_BOUNDS.maxLimitedLines);
    time.advance(30_000);
    log.log('WARN', 'MEMBERSHIP', 'refused', { nodeId: 'x' });
    expect(logger.lines).toHaveLength(COORDINATOR_BOUNDS.maxLimitedLines + 1);
  });
});
