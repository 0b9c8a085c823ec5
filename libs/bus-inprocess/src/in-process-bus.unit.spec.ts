import fc from 'fast-check';
import type { BusMessage, RequestOutcome, TimerHandle, Timers } from '#libs/ports';
import { busContract } from '#libs/ports-contract';
import { InProcessBroker, InProcessBus, matchesTokens, type InProcessOptions } from './index.js';

const EMPTY = new Uint8Array(0);

/** Time that moves only when a test says so. */
class ManualTimers implements Timers {
  private nowMs = 0;
  private readonly due = new Map<object, { readonly atMs: number; readonly callback: () => void }>();
  turns: (() => void)[] = [];

  after(delayMs: number, callback: () => void): TimerHandle {
    const handle = { cancel: () => this.due.delete(handle) };
    this.due.set(handle, { atMs: this.nowMs + delayMs, callback });
    return handle;
  }

  every(): TimerHandle {
    throw new Error('the bus has no intervals');
  }

  endOfTurn(callback: () => void): void {
    this.turns.push(callback);
  }

  get pending(): number {
    return this.due.size;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const [handle, timer] of this.due) {
      if (timer.atMs <= this.nowMs && this.due.delete(handle)) timer.callback();
    }
  }

  endTurn(): void {
    const turns = this.turns;
    this.turns = [];
    for (const callback of turns) callback();
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createBroker(options: Partial<InProcessOptions> = {}) {
  const timers = new ManualTimers();
  const errors: { error: unknown; subject: string }[] = [];
  const broker = new InProcessBroker({
    timers,
    onHandlerError: (error, subject) => errors.push({ error, subject }),
    ...options,
  });
  return { timers, errors, broker };
}

async function drain(broker: InProcessBroker, timers: ManualTimers): Promise<void> {
  await nextTurn();
  while (broker.queuedMessages > 0) {
    timers.endTurn();
    await nextTurn();
  }
}

busContract({
  name: 'in-process',
  create: async () => {
    const { broker, timers } = createBroker();
    const a = new InProcessBus(broker);
    const b = new InProcessBus(broker);
    return {
      a,
      b,
      settle: async () => {
        await drain(broker, timers);
        timers.advance(10);
      },
      close: async () => {
        a.close();
        b.close();
      },
    };
  },
});

describe('in-process bus', () => {
  it('passes payload and headers by reference', async () => {
    const bus = new InProcessBus(createBroker().broker);
    const received: BusMessage[] = [];
    bus.subscribe('x', (message) => received.push(message));
    const payload = Uint8Array.of(1, 2);
    const headers = { name: 'value' };
    bus.publish('x', payload, { headers });
    await nextTurn();
    expect(received[0].payload).toBe(payload);
    expect(received[0].headers).toBe(headers);
  });

  it('refuses messages beyond the bound and counts them, then takes more once there is room', async () => {
    const bus = new InProcessBus(createBroker({ maxQueuedMessages: 3 }).broker);
    let received = 0;
    bus.subscribe('x', () => received++);
    const accepted = Array.from({ length: 5 }, () => bus.publish('x', EMPTY));
    expect(accepted).toEqual([true, true, true, false, false]);
    expect(bus.traffic.dropped).toBe(2);
    await nextTurn();
    expect(received).toBe(3);
    expect(bus.publish('x', EMPTY)).toBe(true);
  });

  it('bounds the queued bytes', async () => {
    const bus = new InProcessBus(createBroker({ maxQueuedBytes: 100 }).broker);
    expect(bus.publish('x', new Uint8Array(60))).toBe(true);
    expect(bus.publish('x', new Uint8Array(60))).toBe(false);
    expect(bus.publish('x', new Uint8Array(40))).toBe(true);
    await nextTurn();
    expect(bus.publish('x', new Uint8Array(60))).toBe(true);
  });

  it('answers requests that find no room as not sent', async () => {
    const { broker, timers } = createBroker({ maxQueuedMessages: 1, maxPendingRequests: 2 });
    const bus = new InProcessBus(broker);
    bus.subscribe('x', () => undefined);
    const outcomes: RequestOutcome[] = [];
    const ask = (): void => bus.request('x', EMPTY, 1_000, (outcome) => outcomes.push(outcome));
    ask();
    ask();
    await nextTurn();
    expect(outcomes).toEqual([{ ok: false, reason: 'disconnected' }]);
    ask();
    await nextTurn();
    ask();
    await nextTurn();
    expect(outcomes).toHaveLength(2);
    timers.advance(1_000);
    expect(outcomes.map((outcome) => !outcome.ok && outcome.reason)).toEqual([
      'disconnected',
      'disconnected',
      'timeout',
      'timeout',
    ]);
    expect(timers.pending).toBe(0);
  });

  it('leaves no timer and no reply subject behind', async () => {
    const { broker, timers } = createBroker();
    const bus = new InProcessBus(broker);
    bus.subscribe('x', (message) => bus.publish(message.replyTo ?? '', EMPTY));
    const outcomes: RequestOutcome[] = [];
    bus.request('x', EMPTY, 1_000, (outcome) => outcomes.push(outcome));
    bus.request('not valid', EMPTY, 1_000, (outcome) => outcomes.push(outcome));
    await nextTurn();
    expect(outcomes.map((outcome) => outcome.ok).sort()).toEqual([false, true]);
    expect(timers.pending).toBe(0);
  });

  it('lets sockets and timers run between long series of messages', async () => {
    const { broker, timers } = createBroker({ maxMessagesPerRun: 10 });
    const bus = new InProcessBus(broker);
    let count = 0;
    bus.subscribe('forever', () => {
      count++;
      bus.publish('forever', EMPTY);
    });
    bus.publish('forever', EMPTY);
    await nextTurn();
    expect(count).toBe(10);
    timers.endTurn();
    expect(count).toBe(20);
    expect(timers.turns).toHaveLength(1);
  });

  it('hands over what handlers, callbacks and listeners throw', async () => {
    const { broker, errors } = createBroker();
    const bus = new InProcessBus(broker);
    const boom = new Error('boom');
    const fail = (): never => {
      throw boom;
    };
    bus.subscribe('x', fail);
    bus.onStatus(fail);
    bus.publish('x', EMPTY);
    bus.request('nobody', EMPTY, 1_000, fail);
    await nextTurn();
    bus.close();
    bus.close();
    expect(errors).toEqual([
      { error: boom, subject: 'x' },
      { error: boom, subject: 'nobody' },
      { error: boom, subject: '' },
    ]);
  });

  it('still delivers what a client published before it closed', async () => {
    const { broker } = createBroker();
    const leaving = new InProcessBus(broker);
    const staying = new InProcessBus(broker);
    const received: BusMessage[] = [];
    staying.subscribe('last.words', (message) => received.push(message));
    leaving.publish('last.words', EMPTY);
    leaving.close();
    await nextTurn();
    expect(received).toHaveLength(1);
  });

  it('follows subscriptions that change between publish and delivery', async () => {
    const { broker } = createBroker();
    const bus = new InProcessBus(broker);
    const seen: string[] = [];
    const first = bus.subscribe('x', () => seen.push('first'));
    bus.publish('x', EMPTY);
    await nextTurn();
    bus.publish('x', EMPTY);
    first.unsubscribe();
    bus.subscribe('x', () => seen.push('second'));
    await nextTurn();
    expect(seen).toEqual(['first', 'second']);
  });

  it('skips a queue member that an earlier handler of the same message removed', async () => {
    const bus = new InProcessBus(createBroker().broker);
    const seen: string[] = [];
    bus.subscribe('x', () => member.unsubscribe());
    const member = bus.subscribe('x', () => seen.push('removed'), { queue: 'group' });
    const other = bus.subscribe('x', () => seen.push('other'), { queue: 'group' });
    bus.publish('x', EMPTY);
    await nextTurn();
    expect(seen).toEqual(['other']);
    other.unsubscribe();
  });

  it('takes turns within a queue group', async () => {
    const bus = new InProcessBus(createBroker().broker);
    const counts = [0, 0, 0];
    counts.forEach((_, i) => bus.subscribe('x', () => counts[i]++, { queue: 'group' }));
    for (let i = 0; i < 30; i++) bus.publish('x', EMPTY);
    await nextTurn();
    expect(counts).toEqual([10, 10, 10]);
  });

  it('keeps the order over any pattern of bursts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 8 }), async (bursts) => {
        const { broker, timers } = createBroker({ maxMessagesPerRun: 64 });
        const bus = new InProcessBus(broker);
        const received: number[] = [];
        bus.subscribe('x', (message) => received.push(message.payload[0] | (message.payload[1] << 8)));
        let next = 0;
        for (const burst of bursts) {
          for (let i = 0; i < burst; i++, next++) bus.publish('x', Uint8Array.of(next & 255, next >> 8));
          await nextTurn();
          timers.endTurn();
        }
        await drain(broker, timers);
        expect(received).toEqual(Array.from({ length: next }, (_, i) => i));
      }),
      { numRuns: 30 },
    );
  });
});

describe('matching of subjects', () => {
  /** The definition of NATS's wildcards, as a regular expression. */
  function model(pattern: string): RegExp {
    const tokens = pattern
      .split('.')
      .map((token) => (token === '*' ? '[^.]+' : token === '>' ? '[^.]+(\\.[^.]+)*' : token));
    return new RegExp(`^${tokens.join('\\.')}$`);
  }

  it('agrees with a model', () => {
    const token = fc.constantFrom('a', 'b', 'c');
    const subject = fc.array(token, { minLength: 1, maxLength: 5 });
    const pattern = fc
      .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 5 }), fc.boolean())
      .map(([tokens, open]) => (open ? [...tokens, '>'] : tokens));
    fc.assert(
      fc.property(pattern, subject, (patternTokens, subjectTokens) => {
        expect(matchesTokens(patternTokens, subjectTokens)).toBe(
          model(patternTokens.join('.')).test(subjectTokens.join('.')),
        );
      }),
    );
  });
});
