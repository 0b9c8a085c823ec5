import {
  busContract,
  clientSocketContract,
  diskContract,
  loggerContract,
  rngContract,
  telemetryContract,
  timeContract,
} from '#libs/ports-contract';
import { concatBytes } from '#libs/kernel';
import { EventQueue } from './event-queue.js';
import { NO_TELEMETRY } from './no-telemetry.js';
import { SimBus } from './sim-bus.js';
import { SimConnection } from './sim-connection.js';
import { SimDisk, SimStorage } from './sim-disk.js';
import { SimLog } from './sim-log.js';
import { SimNetwork } from './sim-network.js';
import { SimProcess } from './sim-process.js';
import { SimRng } from './sim-rng.js';
import { SimClock, SimTimers } from './sim-time.js';
import { Trace } from './trace.js';

function makeWorld() {
  const queue = new EventQueue();
  const trace = new Trace();
  const rng = new SimRng(7);
  const thrown: unknown[] = [];
  const process = (name: string): SimProcess =>
    new SimProcess(name, { queue, trace, rng: rng.fork(name), onThrow: (_, error) => thrown.push(error) });
  return { queue, trace, rng, process, thrown };
}

const SETTLE_MS = 50;
const LONG_MS = 1e9;

busContract({
  name: 'simulated',
  create: async () => {
    const { queue, trace, rng, process } = makeWorld();
    const network = new SimNetwork(queue, rng, trace);
    const a = new SimBus(process('a'), network);
    const b = new SimBus(process('b'), network);
    return {
      a,
      b,
      settle: async () => queue.runFor(SETTLE_MS),
      close: async () => {
        a.close();
        b.close();
        setImmediate(() => queue.runFor(SETTLE_MS));
      },
    };
  },
});

diskContract('simulated', async () => {
  const { queue, rng, process } = makeWorld();
  const storage = new SimStorage(rng);
  let stepMs = SETTLE_MS;
  return {
    disk: new SimDisk(process('first'), storage),
    reopen: () => new SimDisk(process('second'), storage),
    failNextSync: () => {
      storage.faults = (operation) => {
        if (operation !== 'sync') return undefined;
        storage.faults = () => undefined;
        return 'io';
      };
    },
    holdNextSync: () => {
      const usual = storage.delayMs;
      storage.delayMs = (operation) => {
        if (operation !== 'sync') return usual(operation);
        storage.delayMs = usual;
        return LONG_MS;
      };
      return () => (stepMs = LONG_MS);
    },
    advance: () => queue.runFor(stepMs),
    close: async () => undefined,
  };
});

timeContract('simulated', () => {
  const { queue, process } = makeWorld();
  return {
    clock: new SimClock(queue, 123.5),
    timers: new SimTimers(process('a')),
    advance: async (ms) => queue.runFor(ms),
  };
});

rngContract('simulated', () => new SimRng(42));

loggerContract('simulated', () => {
  const log = new SimLog(() => 0);
  return {
    logger: log.logger('a', { components: { RAFT: 'TRACE', EVENT_BUS: 'ERROR' } }),
    lines: () => log.lines().map(({ level, component, message, fields }) => ({ level, component, message, ...fields })),
  };
});

telemetryContract('simulated', async () => ({ telemetry: NO_TELEMETRY, close: async () => undefined }));

clientSocketContract('simulated', async (handler) => {
  const { queue, rng, process } = makeWorld();
  const gateway = process('gateway');
  let connections = 0;
  return {
    connect: async () => {
      const chunks: Uint8Array[] = [];
      const state = { closed: false, receivedBytes: 0 };
      const client = {
        onBytes: (bytes: Uint8Array) => {
          chunks.push(bytes);
          state.receivedBytes += bytes.length;
        },
        onClosed: () => (state.closed = true),
      };
      const connection = new SimConnection(gateway, handler, rng.fork(`${++connections}`), 1000 + connections, client);
      return {
        send: (bytes) => connection.send(bytes),
        received: () => concatBytes(chunks),
        get receivedBytes() {
          return state.receivedBytes;
        },
        pauseReading: () => connection.setClientReading(false),
        resumeReading: () => connection.setClientReading(true),
        end: () => connection.endSending(),
        destroy: () => connection.breakOff(),
        get closed() {
          return state.closed;
        },
      };
    },
    settle: async () => queue.runFor(1),
    close: async () => undefined,
  };
});
