/**
 * The process around a service: arguments and environment in; one line per fault on stderr and exit code 1, or a ready
 * line; the first SIGTERM or SIGINT stops in order with exit code 0, a second one or the time limit ends at once with 1.
 */
import {
  ConfigError,
  effectiveLogLevels,
  HelpRequested,
  loadConfig,
  resolveNodeId,
  type Environment,
  type HyperCacheConfig,
} from '#libs/config';
import { createLogger, type PinoLogger } from '#libs/logger-pino';
import { tuneRuntime } from '#libs/runtime-node';
import { writeReadyFile } from './ready-report.js';
import { startService, type RunningService, type ServiceDefinition } from './start-service.js';

/** What is used of `process`; tests give their own. */
export interface ServiceProcess {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  on(event: string, listener: (reason: unknown) => void): unknown;
  exit(code: number): void;
}

export interface RunOptions extends ServiceDefinition {
  /** Lines for people, on stdout once the service is ready; `startMs` is the time since the process began. */
  readonly greeting?: (service: RunningService, startMs: number) => string;
  /** A second signal within this time is the first one come twice. */
  readonly sameSignalMs?: number;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Failures that their message explains; of others the stack is printed too. */
const EXPLAINED: readonly string[] = ['ConfigError', 'StartError', 'StateFileError'];
const FLUSH_LIMIT_MS = 1_000;
/** Ctrl-C in a terminal reaches the process twice at once, from the terminal and through npm: that is one wish. */
const SAME_WISH_MS = 1_000;

export async function runService(options: RunOptions, host: ServiceProcess = process): Promise<void> {
  tuneRuntime();
  const config = readConfig(options, host);
  if (config === undefined) return;
  let nodeId: string;
  try {
    nodeId = resolveNodeId(config, options.role);
  } catch (error) {
    return fail(host, error);
  }
  const { level, components } = effectiveLogLevels(config.logging, config.debug);
  const logger = createLogger({ level, componentLevels: components, bindings: { nodeId } });
  exitOnDefects(host, logger);
  for (const warning of config.origin.warnings) logger.log('WARN', 'LIFECYCLE', warning);
  const abort = new AbortController();
  const starting = startService(options, config, logger, nodeId, abort.signal);
  stopOnSignals(host, logger, stopLimitMs(config, options), starting, abort, options.sameSignalMs ?? SAME_WISH_MS);
  try {
    await announce(options, host, logger, await starting);
  } catch (error) {
    await flush(logger);
    if (abort.signal.aborted) host.exit(0);
    else fail(host, error);
  }
}

function readConfig({ role }: RunOptions, host: ServiceProcess): HyperCacheConfig | undefined {
  try {
    return loadConfig({ argv: host.argv.slice(2), env: host.env, role });
  } catch (error) {
    if (error instanceof HelpRequested) {
      host.stdout.write(error.text);
      host.exit(0);
    } else {
      fail(host, error);
    }
    return undefined;
  }
}

async function announce(
  options: RunOptions,
  host: ServiceProcess,
  logger: PinoLogger,
  service: RunningService,
): Promise<void> {
  const { report } = service;
  logger.log('INFO', 'LIFECYCLE', 'listening', { details: { ...report } });
  await service.whenReady();
  const startMs = performance.now();
  logger.log('INFO', 'LIFECYCLE', 'ready', { durationMs: startMs, details: { ...report } });
  const file = host.env['HC_READY_FILE'] ?? '';
  if (file !== '') writeReadyFile(file, report);
  if (options.greeting !== undefined) host.stdout.write(options.greeting(service, startMs));
}

/** A storage node first waits until others have its partitions. */
function stopLimitMs({ limits, cluster }: HyperCacheConfig, { role }: RunOptions): number {
  return limits.shutdownTimeoutMs + (role === 'storage-node' ? cluster.drainTimeoutMs : 0);
}

function stopOnSignals(
  host: ServiceProcess,
  logger: PinoLogger,
  limitMs: number,
  starting: Promise<RunningService>,
  abort: AbortController,
  sameSignalMs: number,
): void {
  let stopping: Promise<RunningService> | undefined;
  let firstSignalMs = 0;
  const end = async (code: number): Promise<void> => {
    await flush(logger);
    host.exit(code);
  };
  const onSignal = (signal: string): void => {
    const nowMs = performance.now();
    if (stopping !== undefined) {
      if (nowMs - firstSignalMs < sameSignalMs) return;
      logger.log('WARN', 'LIFECYCLE', `${signal} again: ending at once`);
      return void end(1);
    }
    logger.log('INFO', 'LIFECYCLE', `${signal}: stopping`);
    stopping = starting;
    firstSignalMs = nowMs;
    abort.abort();
    const limit = setTimeout(() => {
      logger.log('ERROR', 'LIFECYCLE', `not stopped after ${limitMs} ms: ending at once`);
      void end(1);
    }, limitMs);
    // A start that fails reports itself.
    starting.then(
      async (service) => {
        await service.stop();
        clearTimeout(limit);
        logger.log('INFO', 'LIFECYCLE', 'stopped');
        await end(0);
      },
      () => clearTimeout(limit),
    );
  };
  for (const signal of SIGNALS) host.on(signal, () => onSignal(signal));
}

/** A defect: state may be wrong from here on, so the process ends and its orchestrator starts another. */
function exitOnDefects(host: ServiceProcess, logger: PinoLogger): void {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    host.on(event, (error) => {
      logger.log('ERROR', 'LIFECYCLE', `${event}: ending at once`, { error });
      void flush(logger).then(() => host.exit(1));
    });
  }
}

function fail(host: ServiceProcess, error: unknown): void {
  const lines = error instanceof ConfigError ? error.lines : [messageOf(error)];
  host.stderr.write(lines.map((line) => `hypercache: ${line}\n`).join(''));
  host.exit(1);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'NatsConnectError') return `${error.message} (nats.servers; start NATS there, or set NATS_URL)`;
  return EXPLAINED.includes(error.name) ? error.message : (error.stack ?? error.message);
}

/** A log that cannot be written must not keep the process from ending. */
async function flush(logger: PinoLogger): Promise<void> {
  const limit = new Promise<void>((resolve) => setTimeout(resolve, FLUSH_LIMIT_MS).unref());
  await Promise.race([logger.flush().catch(() => undefined), limit]);
}
