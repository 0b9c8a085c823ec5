import type { Bus, BusMessage, BusStatus, RequestOutcome } from '#libs/ports';

/** Two clients of one bus, without faults, and the means to wait for it. */
export interface BusFixture {
  readonly a: Bus;
  readonly b: Bus;
  /**
   * Answers once everything published and subscribed before has arrived where it leads, and handlers' own
   * messages and answers too. Simulated time may advance in it, as the deadlines of requests need.
   */
  settle(): Promise<void>;
  /** Closes both clients and frees what belongs to them. */
  close(): Promise<void>;
}

export interface BusHarness {
  readonly name: string;
  /** A fresh bus for each test. Errors that handlers throw are reported wherever, but do not end the test. */
  create(): Promise<BusFixture>;
}

const EMPTY: Uint8Array = new Uint8Array(0);
const DEADLINE_MS = 30_000;
const SHORT_DEADLINE_MS = 40;
const MAX_WAIT_MS = 10_000;

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** Every implementation of the Bus port passes this suite. */
export function busContract(options: BusHarness): void {
  describe(`bus contract: ${options.name}`, () => {
    let bus: BusFixture;

    beforeEach(async () => {
      bus = await options.create();
    });
    afterEach(async () => {
      await bus.close();
    });

    async function until(condition: () => boolean): Promise<void> {
      const start = performance.now();
      while (!condition()) {
        if (performance.now() - start > MAX_WAIT_MS) throw new Error('the condition was not met in time');
        await bus.settle();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }

    function collect(client: Bus, subject: string, queue?: string): BusMessage[] {
      const received: BusMessage[] = [];
      client.subscribe(subject, (message) => received.push(message), queue === undefined ? {} : { queue });
      return received;
    }

    function subjectsOf(messages: readonly BusMessage[]): string[] {
      return messages.map((message) => message.subject).sort();
    }

    function askFor(
      client: Bus,
      subject: string,
      payload: Uint8Array = EMPTY,
      deadlineMs = DEADLINE_MS,
    ): RequestOutcome[] {
      const outcomes: RequestOutcome[] = [];
      client.request(subject, payload, deadlineMs, (outcome) => outcomes.push(outcome));
      expect(outcomes).toHaveLength(0);
      return outcomes;
    }

    function answerWith(client: Bus, subject: string, answer: (message: BusMessage) => Uint8Array): void {
      client.subscribe(subject, (message) => {
        if (message.replyTo !== undefined) client.publish(message.replyTo, answer(message));
      });
    }

    describe('delivery', () => {
      it('carries subject and payload to the other client', async () => {
        const received = collect(bus.b, 'one.two');
        await bus.settle();
        expect(bus.a.publish('one.two', bytes(1, 2, 255))).toBe(true);
        expect(bus.a.publish('one.three', bytes(9))).toBe(true);
        await bus.settle();
        expect(received).toHaveLength(1);
        expect(received[0].subject).toBe('one.two');
        expect([...received[0].payload]).toEqual([1, 2, 255]);
        expect(received[0].replyTo).toBeUndefined();
        expect(received[0].headers).toBeUndefined();
        expect(received[0].noResponders).toBe(false);
      });

      it('gives payloads whose slice is a copy', async () => {
        const received = collect(bus.b, 'slice');
        await bus.settle();
        bus.a.publish('slice', bytes(1, 2, 3, 4));
        await bus.settle();
        const copy = received[0].payload.slice(1, 3);
        expect([...copy]).toEqual([2, 3]);
        expect(copy.buffer).not.toBe(received[0].payload.buffer);
      });

      it('carries empty payloads', async () => {
        const received = collect(bus.b, 'empty');
        await bus.settle();
        expect(bus.a.publish('empty', EMPTY)).toBe(true);
        await bus.settle();
        expect(received).toHaveLength(1);
        expect(received[0].payload).toHaveLength(0);
        expect(received[0].noResponders).toBe(false);
      });

      it('brings a client its own messages, but never before publish has returned', async () => {
        let returned = false;
        const seen: boolean[] = [];
        bus.a.subscribe('self', () => seen.push(returned));
        await bus.settle();
        bus.a.publish('self', EMPTY);
        returned = true;
        await bus.settle();
        expect(seen).toEqual([true]);
      });

      it('never enters a handler while another one runs', async () => {
        let depth = 0;
        let deepest = 0;
        let left = 20;
        bus.a.subscribe('loop', () => {
          deepest = Math.max(deepest, ++depth);
          if (left-- > 0) bus.a.publish('loop', EMPTY);
          depth--;
        });
        await bus.settle();
        bus.a.publish('loop', EMPTY);
        await until(() => left < 0);
        expect(deepest).toBe(1);
      });

      it('keeps the order of one publisher on one subject', async () => {
        const received = collect(bus.b, 'ordered');
        await bus.settle();
        for (let i = 0; i < 2_000; i++) bus.a.publish('ordered', bytes(i & 255, i >> 8));
        await until(() => received.length >= 2_000);
        expect(received.map((message) => message.payload[0] | (message.payload[1] << 8))).toEqual(
          Array.from({ length: 2_000 }, (_, i) => i),
        );
      });

      it('copies a message to every subscription that matches, in both clients', async () => {
        const counts = [collect(bus.a, 'x.y'), collect(bus.a, 'x.*'), collect(bus.b, 'x.y'), collect(bus.b, '>')];
        await bus.settle();
        bus.a.publish('x.y', bytes(7));
        await bus.settle();
        expect(counts.map((received) => received.length)).toEqual([1, 1, 1, 1]);
      });

      it('carries headers', async () => {
        const received = collect(bus.b, 'headers');
        await bus.settle();
        bus.a.publish('headers', bytes(1), { headers: { traceparent: '00-ab-cd-01', 'X-Other': 'value: 2' } });
        await bus.settle();
        expect({ ...received[0].headers }).toEqual({ traceparent: '00-ab-cd-01', 'X-Other': 'value: 2' });
        expect([...received[0].payload]).toEqual([1]);
      });

      it('goes on after a handler that throws', async () => {
        let calls = 0;
        bus.b.subscribe('throwing', () => {
          calls++;
          throw new Error('thrown by a handler of the contract suite');
        });
        const received = collect(bus.b, 'throwing');
        await bus.settle();
        bus.a.publish('throwing', EMPTY);
        bus.a.publish('throwing', EMPTY);
        await bus.settle();
        expect(calls).toBe(2);
        expect(received).toHaveLength(2);
      });
    });

    describe('wildcards', () => {
      it.each([
        ['w.*', ['w.a', 'w.b']],
        ['w.>', ['w.a', 'w.a.b', 'w.a.b.c', 'w.b']],
        ['w.*.b', ['w.a.b']],
        ['*.a', ['v.a', 'w.a']],
        ['*.*.>', ['w.a.b', 'w.a.b.c']],
        ['w', ['w']],
      ])('%s matches %j', async (pattern, expected) => {
        const received = collect(bus.b, pattern);
        await bus.settle();
        for (const subject of ['w', 'w.a', 'w.b', 'w.a.b', 'w.a.b.c', 'v.a', 'ww']) bus.a.publish(subject, EMPTY);
        await bus.settle();
        expect(subjectsOf(received)).toEqual(expected);
      });

      it('refuses malformed subjects', () => {
        for (const subject of ['', 'a b', 'a\r\nb', ' ']) expect(bus.a.publish(subject, EMPTY)).toBe(false);
        expect(bus.a.publish('fine', EMPTY, { replyTo: 'not fine' })).toBe(false);
        for (const pattern of ['', 'a b', 'a..b', '.a', 'a.', 'a.>.b', 'a\nb']) {
          expect(() => bus.a.subscribe(pattern, () => undefined)).toThrow('invalid subject');
        }
      });
    });

    describe('queue groups', () => {
      it('bring each message to one member, and to everyone outside the group', async () => {
        const members = [
          collect(bus.a, 'work', 'group'),
          collect(bus.b, 'work', 'group'),
          collect(bus.b, 'work', 'group'),
        ];
        const otherGroup = collect(bus.b, 'work', 'other');
        const plain = collect(bus.a, 'work');
        await bus.settle();
        for (let i = 0; i < 300; i++) bus.a.publish('work', bytes(i & 255));
        await until(() => plain.length === 300 && otherGroup.length === 300);
        expect(members.reduce((sum, received) => sum + received.length, 0)).toBe(300);
      });

      it('count one name on different patterns as one group', async () => {
        const members = [collect(bus.a, 'job.*', 'group'), collect(bus.a, 'job.x', 'group')];
        await bus.settle();
        for (let i = 0; i < 50; i++) bus.a.publish('job.x', EMPTY);
        await bus.settle();
        expect(members[0].length + members[1].length).toBe(50);
      });

      it('go on with the members that remain', async () => {
        const first = bus.b.subscribe('shift', () => undefined, { queue: 'group' });
        const remaining = collect(bus.b, 'shift', 'group');
        await bus.settle();
        first.unsubscribe();
        await bus.settle();
        for (let i = 0; i < 20; i++) bus.a.publish('shift', EMPTY);
        await bus.settle();
        expect(remaining).toHaveLength(20);
      });
    });

    describe('unsubscribe', () => {
      it('ends the delivery at once, for this subscription alone', async () => {
        const ended: BusMessage[] = [];
        const subscription = bus.b.subscribe('gone', (message) => ended.push(message));
        const other = collect(bus.b, 'gone');
        expect(subscription.subject).toBe('gone');
        await bus.settle();
        bus.a.publish('gone', EMPTY);
        await bus.settle();
        subscription.unsubscribe();
        subscription.unsubscribe();
        await bus.settle();
        bus.a.publish('gone', EMPTY);
        await bus.settle();
        expect(ended).toHaveLength(1);
        expect(other).toHaveLength(2);
      });

      it('works from inside the handler', async () => {
        let calls = 0;
        const subscription = bus.b.subscribe('once', () => {
          calls++;
          subscription.unsubscribe();
        });
        await bus.settle();
        for (let i = 0; i < 5; i++) bus.a.publish('once', EMPTY);
        await bus.settle();
        expect(calls).toBe(1);
      });
    });

    describe('replies', () => {
      it('carries the reply subject', async () => {
        answerWith(bus.b, 'service', (message) => bytes(message.payload[0] + 1));
        const replies = collect(bus.a, 'replies.a');
        await bus.settle();
        bus.a.publish('service', bytes(41), { replyTo: 'replies.a' });
        await until(() => replies.length === 1);
        expect([...replies[0].payload]).toEqual([42]);
        expect(replies[0].noResponders).toBe(false);
      });

      it('tells the reply subject when nobody listens, then and only then', async () => {
        const replies = collect(bus.a, 'replies.a');
        const listening = bus.b.subscribe('service', () => undefined);
        await bus.settle();
        bus.a.publish('service', EMPTY, { replyTo: 'replies.a' });
        await bus.settle();
        expect(replies).toHaveLength(0);
        listening.unsubscribe();
        await bus.settle();
        expect(bus.a.publish('service', bytes(1, 2, 3), { replyTo: 'replies.a' })).toBe(true);
        await until(() => replies.length === 1);
        expect(replies[0].noResponders).toBe(true);
        expect(replies[0].subject).toBe('replies.a');
        expect(replies[0].payload).toHaveLength(0);
      });
    });

    describe('request', () => {
      it('brings the answer', async () => {
        answerWith(bus.b, 'double', (message) => bytes(message.payload[0] * 2));
        await bus.settle();
        const outcomes = askFor(bus.a, 'double', bytes(21));
        await until(() => outcomes.length > 0);
        const outcome = outcomes[0];
        expect(outcome.ok && [...outcome.message.payload]).toEqual([42]);
      });

      it('carries headers there', async () => {
        const seen: unknown[] = [];
        bus.b.subscribe('with-headers', (message) => {
          seen.push({ ...message.headers });
          bus.b.publish(message.replyTo ?? '', EMPTY);
        });
        await bus.settle();
        let done = false;
        bus.a.request('with-headers', EMPTY, DEADLINE_MS, () => (done = true), { key: 'value' });
        await until(() => done);
        expect(seen).toEqual([{ key: 'value' }]);
      });

      it('tells many requests in flight apart', async () => {
        answerWith(bus.b, 'echo', (message) => message.payload.slice());
        await bus.settle();
        const outcomes = Array.from({ length: 100 }, (_, i) => askFor(bus.a, 'echo', bytes(i)));
        await until(() => outcomes.every((each) => each.length > 0));
        outcomes.forEach((each, i) => expect(each[0].ok && each[0].message.payload[0]).toBe(i));
      });

      it('takes the first of several answers', async () => {
        answerWith(bus.a, 'both', () => bytes(1));
        answerWith(bus.b, 'both', () => bytes(1));
        await bus.settle();
        const outcomes = askFor(bus.a, 'both');
        await until(() => outcomes.length > 0);
        await bus.settle();
        expect(outcomes).toHaveLength(1);
        expect(outcomes[0].ok).toBe(true);
      });

      it('says when nobody listens', async () => {
        const outcomes = askFor(bus.a, 'nobody');
        await until(() => outcomes.length > 0);
        expect(outcomes).toEqual([{ ok: false, reason: 'no-responders' }]);
      });

      it('says when nobody answers in time, and drops the late answer', async () => {
        const questions = collect(bus.b, 'silent');
        await bus.settle();
        const outcomes = askFor(bus.a, 'silent', EMPTY, SHORT_DEADLINE_MS);
        await until(() => outcomes.length > 0);
        expect(outcomes).toEqual([{ ok: false, reason: 'timeout' }]);
        await until(() => questions.length === 1);
        bus.b.publish(questions[0].replyTo ?? '', EMPTY);
        await bus.settle();
        expect(outcomes).toHaveLength(1);
      });

      it('goes on after an outcome callback that throws', async () => {
        answerWith(bus.b, 'fine', () => EMPTY);
        await bus.settle();
        bus.a.request('fine', EMPTY, DEADLINE_MS, () => {
          throw new Error('thrown by a callback of the contract suite');
        });
        const outcomes = askFor(bus.a, 'fine');
        await until(() => outcomes.length > 0);
        expect(outcomes[0].ok).toBe(true);
      });
    });

    describe('limits', () => {
      it('takes payloads up to the limit and refuses larger ones', async () => {
        const limit = bus.a.maxPayloadBytes;
        expect(limit).toBeGreaterThanOrEqual(64 * 1024);
        const received = collect(bus.b, 'large');
        await bus.settle();
        expect(bus.a.publish('large', new Uint8Array(limit + 1))).toBe(false);
        const outcomes = askFor(bus.a, 'large', new Uint8Array(limit + 1));
        expect(bus.a.publish('large', new Uint8Array(limit).fill(7))).toBe(true);
        await until(() => received.length > 0 && outcomes.length > 0);
        expect(outcomes).toEqual([{ ok: false, reason: 'payload-too-large' }]);
        expect(received).toHaveLength(1);
        expect(received[0].payload).toHaveLength(limit);
        expect(received[0].payload.every((byte) => byte === 7)).toBe(true);
        expect(bus.a.traffic.dropped).toBeGreaterThanOrEqual(1);
      });
    });

    describe('traffic', () => {
      it('counts messages and bytes on both sides', async () => {
        collect(bus.b, 'counted');
        await bus.settle();
        bus.a.publish('counted', bytes(1, 2, 3));
        bus.a.publish('counted', bytes(4));
        await bus.settle();
        expect(bus.a.traffic).toMatchObject({ messagesOut: 2, bytesOut: 4, dropped: 0 });
        expect(bus.b.traffic).toMatchObject({ messagesIn: 2, bytesIn: 4 });
      });
    });

    describe('status', () => {
      it('is connected, then closed, and everything is refused from then on', async () => {
        expect(bus.a.status).toBe('connected');
        const changes: BusStatus[] = [];
        const ended: BusStatus[] = [];
        bus.a.onStatus((status) => changes.push(status));
        bus.a.onStatus((status) => ended.push(status))();
        collect(bus.b, 'silent');
        await bus.settle();
        const inFlight = askFor(bus.a, 'silent');
        await bus.close();
        expect(bus.a.status).toBe('closed');
        expect(changes).toEqual(['closed']);
        expect(ended).toEqual([]);
        expect(inFlight).toEqual([{ ok: false, reason: 'closed' }]);
        expect(bus.a.publish('silent', EMPTY)).toBe(false);
        expect(() => bus.a.subscribe('silent', () => undefined)).toThrow('closed');
        const late: RequestOutcome[] = [];
        bus.a.request('silent', EMPTY, DEADLINE_MS, (outcome) => late.push(outcome));
        expect(late).toHaveLength(0);
        await new Promise((resolve) => setImmediate(resolve));
        expect(late).toEqual([{ ok: false, reason: 'closed' }]);
      });
    });
  });
}
