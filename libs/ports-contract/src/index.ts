export { busContract, type BusFixture, type BusHarness } from './bus.contract.js';
export { diskContract, type DiskHarness } from './disk.contract.js';
export { rngContract } from './rng.contract.js';
export { timeContract, type TimeHarness } from './time.contract.js';
export { loggerContract, type LoggedLine, type LoggerHarness } from './logger.contract.js';
export { telemetryContract, type TelemetryHarness } from './telemetry.contract.js';
export {
  clientSocketContract,
  type ClientPeer,
  type ClientSocketHarness,
  type RecordedSession,
} from './client-socket.contract.js';
