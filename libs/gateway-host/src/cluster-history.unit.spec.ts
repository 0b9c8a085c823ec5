import { encodeEventsReply, decodeEventsRequest, noticeOf } from '#libs/cluster';
import type { EventsOutcome } from '#libs/commands';
import { ManualNetwork } from '#libs/test-ports';
import { ClusterHistory, MAX_PENDING_HISTORIES } from './cluster-history.js';

describe('asking for events', () => {
  const rig = () => {
    const network = new ManualNetwork();
    const history = new ClusterHistory(network.bus(), 'events', { requestTimeoutMs: 500 });
    const outcomes: EventsOutcome[] = [];
    const ask = (): void => history.request({ since: 3, limit: 2 }, (outcome) => outcomes.push(outcome));
    return { network, coordinator: network.bus(), history, outcomes, ask };
  };

  it('gives what a coordinator answers', () => {
    const { network, coordinator, outcomes, ask } = rig();
    const reply = { firstIndex: 1, lastIndex: 4, notices: [noticeOf({ type: 'NodeUp', nodeId: 'a' }, 3, 5)] };
    coordinator.subscribe('events', ({ payload, replyTo }) => {
      expect(decodeEventsRequest(payload)).toEqual({ since: 3, limit: 2 });
      if (replyTo !== undefined) coordinator.publish(replyTo, encodeEventsReply(reply));
    });
    ask();
    network.settle();
    expect(outcomes).toEqual([{ ok: true, ...reply }]);
  });

  it('says so where none is there, none answers, or nonsense comes', () => {
    const { network, coordinator, outcomes, ask } = rig();
    ask();
    network.settle();
    let isSilent = true;
    coordinator.subscribe('events', ({ replyTo }) => {
      if (!isSilent && replyTo !== undefined) coordinator.publish(replyTo, Uint8Array.of(255));
    });
    ask();
    network.settle();
    network.time.advance(501);
    isSilent = false;
    ask();
    network.settle();
    expect(outcomes.map((outcome) => (outcome.ok ? '' : outcome.reason))).toEqual([
      'no coordinator is reachable; ask again',
      'no coordinator has answered in time; ask again',
      expect.stringMatching(/^a coordinator’s answer cannot be read: /),
    ]);
  });

  it('is bounded', () => {
    const { coordinator, outcomes, ask, history, network } = rig();
    coordinator.subscribe('events', () => undefined);
    for (let i = 0; i <= MAX_PENDING_HISTORIES; i++) ask();
    expect(outcomes).toEqual([{ ok: false, reason: expect.stringMatching(/^16 requests for events are under way/) }]);
    network.time.advance(501);
    expect(history.count).toBe(0);
  });
});
