import { encodePingReply, encodePingRequest, encodeProbeRequest, type ProbeReply } from '#libs/cluster';
import { ManualNetwork } from '#libs/test-ports';
import { subjectsOf } from '#libs/wire';
import { CLUSTER_MEMBER_BOUNDS } from './bounds.js';
import { ProbeResponder } from './probe-responder.js';
import { Prober } from './prober.js';

const SUBJECTS = subjectsOf('t');
const TIMEOUT_MS = 300;
const DEADLINE_MS = 600;
const TARGET = { target: 's2', incarnation: 22, timeoutMs: TIMEOUT_MS };

/** Members s1 (incarnation 11) and s2 (22), and somebody who asks. */
function start() {
  const network = new ManualNetwork();
  const member = (nodeId: string, incarnation: number): ProbeResponder => {
    const responder = new ProbeResponder(network.bus(), network.time, { cluster: 't', nodeId, incarnation });
    responder.start();
    return responder;
  };
  const [s1, s2] = [member('s1', 11), member('s2', 22)];
  const prober = new Prober(network.bus(), 't');
  const pings: boolean[] = [];
  const replies: (ProbeReply | undefined)[] = [];
  return {
    network,
    s1,
    s2,
    pings,
    replies,
    ping: (probe = TARGET) => {
      prober.ping(probe, (heard) => pings.push(heard));
      network.settle();
    },
    probe: (probe = TARGET) => {
      prober.probe('s1', probe, DEADLINE_MS, (reply) => replies.push(reply));
      network.settle();
    },
  };
}

describe('pings', () => {
  it('are answered by the process that they ask for, and no other', () => {
    const { ping, pings, network, s2 } = start();
    ping();
    expect(pings).toEqual([true]);
    ping({ ...TARGET, incarnation: 21 });
    expect(pings).toEqual([true]);
    network.time.advance(TIMEOUT_MS);
    expect(pings).toEqual([true, false]);
    expect(s2.counters.pings).toBe(1);
  });

  it('end at once where nobody listens', () => {
    const { ping, pings, s2 } = start();
    s2.stop();
    ping();
    expect(pings).toEqual([false]);
  });

  it('take no answer that is malformed or of another process', () => {
    const { ping, pings, network } = start();
    network.rule = ({ subject }) => (subject === SUBJECTS.ping('s2') ? 'keep' : 'deliver');
    for (const answer of [new Uint8Array([1, 2, 3]), encodePingReply({ incarnation: 9 })]) {
      ping();
      network.bus().publish(network.kept[network.kept.length - 1].replyTo ?? '', answer);
      network.settle();
    }
    expect(pings).toEqual([false, false]);
  });
});

describe('probes', () => {
  it('tell whether a peer hears the target, and how long that took', () => {
    const { probe, replies, network, s1 } = start();
    probe();
    network.rule = ({ subject }) => (subject === SUBJECTS.ping('s2') ? 'drop' : 'deliver');
    probe();
    network.time.advance(TIMEOUT_MS);
    expect(replies).toEqual([
      { heard: true, millis: 0 },
      { heard: false, millis: TIMEOUT_MS },
    ]);
    expect(s1.counters).toEqual({ pings: 0, probes: 2, dropped: 0, malformed: 0 });
  });

  it('end without a reply where the peer does not answer', () => {
    const { probe, replies, network, s1 } = start();
    network.rule = ({ subject }) => (subject === SUBJECTS.probe('s1') ? 'drop' : 'deliver');
    probe();
    network.time.advance(DEADLINE_MS);
    network.rule = () => 'deliver';
    s1.stop();
    probe();
    expect(replies).toEqual([undefined, undefined]);
  });

  it('are made few at a time, and dropped beyond', () => {
    const { probe, replies, network, s1 } = start();
    network.rule = ({ subject }) => (subject === SUBJECTS.ping('s2') ? 'drop' : 'deliver');
    for (let i = 0; i < CLUSTER_MEMBER_BOUNDS.maxProbes + 3; i++) probe();
    expect(s1.counters).toMatchObject({ probes: CLUSTER_MEMBER_BOUNDS.maxProbes, dropped: 3 });
    network.time.advance(DEADLINE_MS);
    expect(replies.filter((reply) => reply === undefined)).toHaveLength(3);
    probe();
    expect(s1.counters.probes).toBe(CLUSTER_MEMBER_BOUNDS.maxProbes + 1);
  });

  it('under way are not answered by a member that has stopped', () => {
    const { probe, replies, network, s1 } = start();
    network.rule = ({ subject }) => (subject === SUBJECTS.ping('s2') ? 'drop' : 'deliver');
    probe();
    s1.stop();
    network.time.advance(TIMEOUT_MS);
    expect(replies).toEqual([]);
    network.time.advance(DEADLINE_MS);
    expect(replies).toEqual([undefined]);
  });

  it('and pings that are malformed, or name nobody to answer to, are dropped', () => {
    const { network, s1 } = start();
    const bus = network.bus();
    bus.publish(SUBJECTS.ping('s1'), new Uint8Array([255]), { replyTo: 'x' });
    bus.publish(SUBJECTS.probe('s1'), new Uint8Array(0), { replyTo: 'x' });
    bus.publish(SUBJECTS.ping('s1'), encodePingRequest({ incarnation: 11 }));
    bus.publish(SUBJECTS.probe('s1'), encodeProbeRequest(TARGET));
    network.settle();
    expect(s1.counters).toEqual({ pings: 0, probes: 0, dropped: 0, malformed: 2 });
    expect(network.payloadsOf('x')).toEqual([]);
  });
});
