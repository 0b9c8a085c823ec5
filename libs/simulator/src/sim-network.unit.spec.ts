import type { BusStatus, RequestOutcome } from '#libs/ports';
import { EventQueue } from './event-queue.js';
import { SimBus } from './sim-bus.js';
import { SimNetwork } from './sim-network.js';
import { SimProcess } from './sim-process.js';
import { SimRng } from './sim-rng.js';
import { Trace } from './trace.js';

function makeNetwork() {
  const queue = new EventQueue();
  const trace = new Trace();
  const rng = new SimRng(3);
  const thrown: unknown[] = [];
  const network = new SimNetwork(queue, rng.fork('network'), trace);
  const connect = (name: string): SimBus =>
    new SimBus(new SimProcess(name, { queue, trace, rng, onThrow: (_, error) => thrown.push(error) }), network);
  const [a, b] = [connect('a'), connect('b')];
  const received: number[] = [];
  b.subscribe('x', ({ payload }) => received.push(payload[0]));
  queue.runFor(10);
  const send = (...values: number[]): void => {
    for (const value of values) a.publish('x', Uint8Array.of(value), { replyTo: 'notices' });
  };
  const notices: boolean[] = [];
  a.subscribe('notices', ({ noResponders }) => notices.push(noResponders));
  queue.runFor(10);
  return { queue, network, a, b, received, notices, send, thrown };
}

const HUNDRED = Array.from({ length: 100 }, (_, i) => i);

describe('simulated network', () => {
  it('keeps the order whatever the delays are', () => {
    const { queue, network, send, received } = makeNetwork();
    network.quality.maxDelayMs = 50;
    send(...HUNDRED);
    queue.runFor(10_000);
    expect(received).toEqual(HUNDRED);
  });

  it('drops, duplicates and reorders at the rates that it is told', () => {
    const { queue, network, send, received } = makeNetwork();
    network.quality.dropRate = 0.3;
    send(...HUNDRED);
    queue.runFor(100);
    expect(received.length).toBeGreaterThan(20);
    expect(received.length).toBeLessThan(80);
    network.healAll();
    received.length = 0;
    network.quality.duplicateRate = 1;
    send(1, 2);
    queue.runFor(100);
    expect(received).toEqual([1, 1, 2, 2]);
    network.healAll();
    received.length = 0;
    Object.assign(network.quality, { reorderRate: 0.3, reorderMs: 20 });
    send(...HUNDRED);
    queue.runFor(100);
    expect(received).not.toEqual(HUNDRED);
    expect(received.toSorted((x, y) => x - y)).toEqual(HUNDRED);
  });

  it('cuts one way without a notice', () => {
    const { queue, network, a, b, send, received, notices } = makeNetwork();
    const back: number[] = [];
    a.subscribe('back', ({ payload }) => back.push(payload[0]));
    queue.runFor(10);
    network.block('a', 'b');
    send(1);
    b.publish('back', Uint8Array.of(2));
    queue.runFor(10);
    expect([received, back, notices]).toEqual([[], [2], []]);
    network.unblock('a', 'b');
    send(3);
    queue.runFor(10);
    expect(received).toEqual([3]);
  });

  it('tells that nobody listens once a subscriber has lost the bus, and brings its subscriptions back', () => {
    const { queue, b, send, received, notices } = makeNetwork();
    const changes: BusStatus[] = [];
    b.onStatus((status) => changes.push(status));
    b.disconnect();
    b.disconnect();
    expect(b.publish('x', Uint8Array.of(0))).toBe(false);
    send(1);
    queue.runFor(10);
    expect([received, notices]).toEqual([[], [true]]);
    b.reconnect();
    b.reconnect();
    queue.runFor(10);
    send(2);
    queue.runFor(10);
    expect(received).toEqual([2]);
    expect(changes).toEqual(['disconnected', 'connected']);
  });

  it('loses what was under way when a connection broke, but not a request that waits', () => {
    const { queue, a, b, send, received } = makeNetwork();
    send(1);
    a.disconnect();
    a.reconnect();
    const outcomes: RequestOutcome[] = [];
    a.request('x', Uint8Array.of(2), 50, (outcome) => outcomes.push(outcome));
    a.disconnect();
    a.request('x', Uint8Array.of(3), 50, (outcome) => outcomes.push(outcome));
    queue.runFor(100);
    expect(received).toEqual([]);
    expect(outcomes).toEqual([
      { ok: false, reason: 'disconnected' },
      { ok: false, reason: 'timeout' },
    ]);
    expect(b.status).toBe('connected');
  });

  it('is silent about a dead process until the broker notices', () => {
    const { queue, b, send, received, notices } = makeNetwork();
    b.process.kill();
    b.crash();
    send(1);
    queue.runFor(50);
    send(2);
    queue.runFor(50);
    expect(received).toEqual([]);
    expect(notices.length).toBeGreaterThanOrEqual(1);
  });

  it('lets input wait in order while a process is paused', () => {
    const { queue, b, send, received } = makeNetwork();
    b.process.pause(30);
    send(1, 2);
    queue.runFor(20);
    b.process.pause(30);
    send(3);
    queue.runFor(15);
    expect(received).toEqual([]);
    expect(b.process.pausedMs).toBeCloseTo(35);
    queue.runFor(20);
    expect(received).toEqual([1, 2, 3]);
    expect(b.process.pausedMs).toBeCloseTo(50);
  });

  it('finds a payload that is changed after it was handed over', () => {
    const { queue, a, thrown } = makeNetwork();
    const payload = Uint8Array.of(1);
    a.publish('x', payload);
    payload[0] = 2;
    queue.runFor(10);
    expect(String(thrown[0])).toContain('was changed after it had been handed to the bus');
  });
});
