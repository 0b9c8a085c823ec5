import { Controller, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { InProcessBroker, InProcessBus } from '#libs/bus-inprocess';
import type { LogComponent, Logger, LogLevel, RequestOutcome } from '#libs/ports';
import { SystemTimers } from '#libs/runtime-node';
import { subjectsOf } from '#libs/wire';
import { BusTransport, type BusPattern } from './bus-transport.js';

const received: Uint8Array[] = [];
let onReceived: () => void = () => undefined;

@Controller()
class TestController {
  @EventPattern<BusPattern>('heartbeat')
  heartbeat(@Payload() payload: Uint8Array): void {
    if (payload[0] === 255) throw new Error('a defect');
    received.push(payload);
    onReceived();
  }

  @MessagePattern<BusPattern>('tableRequest')
  table(@Payload() payload: Uint8Array): Uint8Array {
    return payload.length === 0 ? payload : Uint8Array.of(...payload, 9);
  }

  @MessagePattern<BusPattern>('moveFinished')
  moveFinished(@Payload() payload: Uint8Array): Promise<Uint8Array> {
    if (payload[0] === 255) throw new Error('a defect');
    return new Promise((resolve) => setImmediate(() => resolve(Uint8Array.of(7))));
  }
}

@Module({ controllers: [TestController] })
class TestModule {}

const subjects = subjectsOf('test');
const warnings: string[] = [];
const logger: Logger = {
  isEnabled: () => true,
  log: (_level: LogLevel, _component: LogComponent, message: string) => void warnings.push(message),
};

let app: INestApplication;
let bus: InProcessBus;

beforeAll(async () => {
  const broker = new InProcessBroker({ timers: new SystemTimers(), onHandlerError: (error) => fail(error) });
  bus = new InProcessBus(broker);
  app = await NestFactory.create(TestModule, { logger: false });
  app.connectMicroservice({ strategy: new BusTransport(new InProcessBus(broker), subjects, logger) });
  await app.startAllMicroservices();
});
afterAll(() => app.close());
beforeEach(() => {
  received.length = 0;
  warnings.length = 0;
});

function fail(error: unknown): never {
  throw error;
}

function request(subject: string, payload: Uint8Array, deadlineMs = 5_000): Promise<RequestOutcome> {
  return new Promise((resolve) => bus.request(subject, payload, deadlineMs, resolve));
}

async function answer(subject: string, payload: Uint8Array): Promise<readonly number[]> {
  const outcome = await request(subject, payload);
  return outcome.ok ? [...outcome.message.payload] : [];
}

describe('the bus transport', () => {
  it("brings events to the controller, as bytes of the handler's own", async () => {
    const payload = Uint8Array.of(1, 2);
    const arrived = new Promise<void>((resolve) => (onReceived = resolve));
    bus.publish(subjects.heartbeat, payload);
    await Promise.resolve();
    payload.fill(0);
    await arrived;
    expect(received).toEqual([Uint8Array.of(1, 2)]);
  });

  it('sends back what a handler answers, at once or later, empty answers too', async () => {
    expect(await answer(subjects.tableRequest, Uint8Array.of(1))).toEqual([1, 9]);
    expect(await answer(subjects.moveFinished, Uint8Array.of(1))).toEqual([7]);
    const empty = await request(subjects.tableRequest, new Uint8Array(0));
    expect(empty.ok && empty.message.payload.length).toBe(0);
  });

  it('goes on after a handler that failed, and answers nothing for it', async () => {
    bus.publish(subjects.heartbeat, Uint8Array.of(255));
    const outcome = await request(subjects.moveFinished, Uint8Array.of(255), 50);
    expect(outcome).toEqual({ ok: false, reason: 'timeout' });
    expect(await answer(subjects.tableRequest, Uint8Array.of(3))).toEqual([3, 9]);
  });

  it('refuses a pattern that is no subject', () => {
    const transport = new BusTransport(bus, subjects, logger);
    transport.addHandler('operations', async () => undefined, true);
    expect(() => transport.listen(() => undefined)).toThrow('"operations" is no subject');
    expect(() => transport.on('status')).toThrow('no event');
    expect(transport.unwrap()).toBe(bus);
  });

  it('joins the queue group that the decorator names', async () => {
    const counts = [0, 0];
    const transports = counts.map((_, i) => {
      const transport = new BusTransport(bus, subjectsOf('queue'), logger);
      transport.addHandler('leave', async () => void counts[i]++, true, { queue: 'all' });
      transport.listen(() => undefined);
      return transport;
    });
    for (let i = 0; i < 10; i++) bus.publish(subjectsOf('queue').leave, new Uint8Array(0));
    await answer(subjects.moveFinished, Uint8Array.of(1));
    expect(counts).toEqual([5, 5]);
    for (const transport of transports) transport.close();
    bus.publish(subjectsOf('queue').leave, new Uint8Array(0));
    await answer(subjects.moveFinished, Uint8Array.of(1));
    expect(counts).toEqual([5, 5]);
  });
});
