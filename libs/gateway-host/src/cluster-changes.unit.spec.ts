import {
  decodeChangeRequest,
  encodeChangeReply,
  NO_QUORUM_AFTER_MS,
  storeFromPreset,
  type ChangeOutcome,
  type ChangeReply,
  type ClusterChange,
  type ClusterTable,
  type RoutingTable,
  type TableSetting,
} from '#libs/cluster';
import { ManualNetwork, SeededRng } from '#libs/test-ports';
import { ATTEMPT_MS, ClusterChanges, MAX_PENDING_CHANGES } from './cluster-changes.js';

const SUBJECT = 'hc.t.v1.ctl.change';
const TABLE = { clusterId: 'c1', stores: [], settings: [] as TableSetting[] } as unknown as ClusterTable;
const CREATE: ClusterChange = { type: 'CreateStore', definition: storeFromPreset('general', { name: 'a' }) };

/** A gateway's side on a bus under the test's control; the coordinator answers what the test says, if it is there. */
function start({ isThere = true } = {}) {
  const network = new ManualNetwork();
  const { time } = network;
  const coordinator = network.bus();
  const requests: string[] = [];
  const answers: (ChangeReply | 'silence' | 'rubbish')[] = [];
  const appear = (): void => {
    coordinator.subscribe(SUBJECT, ({ payload, replyTo }) => {
      requests.push(decodeChangeRequest(payload).requestId);
      const answer = answers.shift();
      if (replyTo === undefined || answer === undefined || answer === 'silence') return;
      coordinator.publish(replyTo, answer === 'rubbish' ? new Uint8Array([255, 255]) : encodeChangeReply(answer));
    });
  };
  if (isThere) appear();
  const state = { tableVersion: 3, tablesAskedFor: 0 };
  const changes = new ClusterChanges({
    bus: network.bus(),
    clock: time,
    timers: time,
    rng: new SeededRng(1),
    subject: SUBJECT,
    timing: { requestTimeoutMs: 2_000 },
    routing: () =>
      state.tableVersion === 0 ? undefined : ({ tableVersion: state.tableVersion, table: TABLE } as RoutingTable),
    requestTable: () => void state.tablesAskedFor++,
  });
  const outcomes: ChangeOutcome[] = [];
  const request = (): void => {
    changes.request([CREATE], (outcome) => outcomes.push(outcome));
    network.settle();
  };
  return { network, time, changes, requests, answers, appear, state, outcomes, request };
}

describe('changes that a gateway asks for', () => {
  it('are answered once the table that holds them is here', () => {
    const { answers, request, outcomes, state, changes } = start();
    answers.push({ accepted: true, tableVersion: 5 });
    request();
    expect(outcomes).toEqual([]);
    expect(state.tablesAskedFor).toBe(1);
    changes.onTable(4);
    expect(outcomes).toEqual([]);
    changes.onTable(6);
    expect(outcomes).toEqual([{ ok: true, tableVersion: 6 }]);
    expect(changes.count).toBe(0);
  });

  it('are answered at once where the table is here already, or where they are refused', () => {
    const { answers, request, outcomes, state } = start();
    state.tableVersion = 5;
    answers.push({ accepted: true, tableVersion: 5 }, { accepted: false, code: 'exists', reason: 'there is one' });
    request();
    request();
    expect(outcomes).toEqual([
      { ok: true, tableVersion: 5 },
      { ok: false, code: 'exists', reason: 'there is one' },
    ]);
  });

  it('are asked for again under the same id while nobody answers', () => {
    const { answers, request, outcomes, requests, time, network, state } = start();
    state.tableVersion = 5;
    answers.push('silence', 'rubbish', { accepted: true, tableVersion: 5 });
    request();
    time.advance(ATTEMPT_MS);
    network.settle();
    time.advance(100);
    network.settle();
    expect(outcomes).toEqual([{ ok: true, tableVersion: 5 }]);
    expect(requests).toHaveLength(3);
    expect(new Set(requests).size).toBe(1);
  });

  it('hear at the first try that there is no quorum, which coordinators say only after a while', () => {
    const { time, network, requests, changes, outcomes } = start({ isThere: false });
    const coordinator = network.bus();
    coordinator.subscribe(SUBJECT, ({ payload, replyTo = '' }) => {
      requests.push(decodeChangeRequest(payload).requestId);
      const reply = encodeChangeReply({ accepted: false, code: 'no-quorum', reason: 'nobody leads' });
      time.after(NO_QUORUM_AFTER_MS, () => coordinator.publish(replyTo, reply));
    });
    changes.request([CREATE], (outcome) => outcomes.push(outcome));
    network.settle();
    time.advance(NO_QUORUM_AFTER_MS);
    network.settle();
    expect(requests).toHaveLength(1);
    expect(outcomes).toEqual([{ ok: false, code: 'no-quorum', reason: 'nobody leads' }]);
    expect(ATTEMPT_MS).toBeGreaterThan(NO_QUORUM_AFTER_MS);
  });

  it('wait for a coordinator that comes back, and otherwise say that nothing was changed', () => {
    const absent = start({ isThere: false });
    absent.request();
    absent.time.advance(2_100);
    absent.network.settle();
    expect(absent.outcomes).toEqual([
      { ok: false, code: 'unavailable', reason: 'no coordinator is reachable; nothing was changed' },
    ]);

    const back = start({ isThere: false });
    back.state.tableVersion = 5;
    back.answers.push({ accepted: true, tableVersion: 5 });
    back.request();
    back.time.advance(300);
    back.appear();
    back.time.advance(100);
    back.network.settle();
    expect(back.outcomes).toEqual([{ ok: true, tableVersion: 5 }]);
  });

  it('have an unknown outcome where the coordinator heard them and never answered', () => {
    const { request, outcomes, time, network } = start();
    request();
    for (let i = 0; i < 5; i++) {
      time.advance(500);
      network.settle();
    }
    expect(outcomes).toEqual([{ ok: false, code: 'timeout', reason: expect.stringMatching(/outcome is unknown/) }]);
  });

  it('say so where they are made and the table does not come', () => {
    const { answers, request, outcomes, time } = start();
    answers.push({ accepted: true, tableVersion: 9 });
    request();
    time.advance(2_000);
    expect(outcomes).toEqual([{ ok: false, code: 'timeout', reason: expect.stringMatching(/was made/) }]);
    expect(time.pendingTimers).toBe(0);
  });

  it('are refused without a table, beyond their number, and beyond one message', () => {
    const { changes, request, outcomes, state } = start();
    state.tableVersion = 0;
    request();
    state.tableVersion = 3;
    const large: ClusterChange = { type: 'ChangeSetting', path: 'a', value: 'x'.repeat(70_000) };
    changes.request([large], (outcome) => outcomes.push(outcome));
    changes.request([{ type: 'DropStore', name: 'x'.repeat(70_000) }], (outcome) => outcomes.push(outcome));
    for (let i = 0; i <= MAX_PENDING_CHANGES; i++) request();
    expect(outcomes).toMatchObject([
      { ok: false, code: 'unavailable', reason: 'this gateway has no cluster table yet' },
      { ok: false, code: 'invalid', reason: 'setting a: the value has more than 256 bytes' },
      { ok: false, code: 'invalid', reason: expect.stringMatching(/at most 65536/) },
      { ok: false, code: 'unavailable', reason: expect.stringMatching(/64 changes/) },
    ]);
  });
});
