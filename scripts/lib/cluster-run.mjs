// A local cluster from its start to its end: nats-server first, then all services at once, since they wait for one another;
// on a signal gateways stop first, then storage nodes, the coordinator and nats-server, each group within a time limit. A process
// that dies is reported and stays down, unless --restart or SIGUSR2 says otherwise: tools kill processes on purpose.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { natsMember, serviceMembers } from './cluster-members.mjs';
import { findNatsServer, NATS_HOST } from './cluster-nats.mjs';
import { chosenDataDir } from './cluster-options.mjs';
import { takenPorts } from './cluster-ports.mjs';
import { ClusterProcess } from './cluster-process.mjs';
import { otherClusterIn, writeState } from './cluster-state.mjs';
import { inRoot } from './paths.mjs';

const READY_LIMIT_MS = 60_000;
/** Longer than the limit that a service sets itself, so that its own report comes first. */
const STOP_LIMIT_MS = 12_000;
const RESTART_DELAY_MS = 500;
/** Ctrl-C in a terminal reaches this process twice at once, from the terminal and through npm: that is one wish. */
const SAME_WISH_MS = 1_000;
const MAX_RESTART_DELAY_MS = 10_000;
const STOP_ORDER = ['gateway', 'storage-node', 'coordinator', 'nats'];
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const say = (line) => console.log(line);
const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

class Cluster {
  #options;
  #dataDir;
  #folders;
  #processes = [];
  #natsUrl;
  #state = 'starting';
  #stopAt = 0;
  #restartDelays = new Map();
  /** What waits for the end of the cluster: settles with the exit code. */
  #finish;
  finished = new Promise((resolve) => {
    this.#finish = resolve;
  });

  constructor(options, dataDir) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#folders = { data: dataDir, logs: join(dataDir, 'logs'), run: join(dataDir, 'run') };
    for (const folder of Object.values(this.#folders)) mkdirSync(folder, { recursive: true });
  }

  /** @throws {Error} when a process does not become ready; the others then still run */
  async start(natsProgram) {
    const startedAt = performance.now();
    this.#natsUrl = this.#options.natsUrl;
    if (this.#natsUrl === undefined) {
      const nats = this.#add(natsMember(natsProgram, this.#options, this.#folders));
      await this.#startAndWait(nats);
      this.#natsUrl = `nats://${NATS_HOST}:${nats.ports.nats}`;
    }
    const services = serviceMembers(this.#options, this.#folders, this.#natsUrl).map((one) => this.#add(one));
    await Promise.all(services.map((one) => this.#startAndWait(one)));
    if (this.#state !== 'starting') return;
    this.#state = 'ready';
    this.#write();
    this.#announce((performance.now() - startedAt) / 1000);
  }

  get isEnding() {
    return this.#state === 'stopping' || this.#state === 'stopped';
  }

  #add(settings) {
    const one = new ClusterProcess({ ...settings, onExit: (self, how) => this.#onExit(self, how) });
    this.#processes.push(one);
    return one;
  }

  #write() {
    const { name } = this.#options;
    writeState(this.#dataDir, { name, state: this.#state, natsUrl: this.#natsUrl, processes: this.#processes });
  }

  async #startAndWait(one) {
    one.start();
    this.#write();
    await one.whenReady(READY_LIMIT_MS);
    this.#write();
  }

  #announce(seconds) {
    const { host, gateways, storage, coordinators } = this.#options;
    const own = this.#processes.filter(({ role }) => role === 'gateway');
    const list = (name) => own.map(({ ports }) => `${host}:${ports[name]}`).join(', ');
    const counts = [plural(gateways, 'gateway'), plural(storage, 'storage node'), plural(coordinators, 'coordinator')];
    say(
      `Cluster ready in ${seconds.toFixed(1)} s: RESP ${list('resp')}; REST ${list('http')}; NATS ${this.#natsUrl}; ` +
        `${counts.join(', ')}; data and logs in ${this.#dataDir}`,
    );
    say(
      `Try: redis-cli${host === '127.0.0.1' || host === '0.0.0.0' ? '' : ` -h ${host}`} -p ${own[0].ports.resp} SET greeting hello`,
    );
  }

  #onExit(one, how) {
    this.#write();
    if (this.#state === 'starting') return;
    const running = this.#processes.filter(({ isRunning }) => isRunning).length;
    say(
      `${one.id} ended (${how}), ${running} of ${this.#processes.length} processes run; log: ${one.settings.logFile}`,
    );
    if (this.#options.restart) this.#restartLater(one);
    else if (running === 0) void this.stop(1);
  }

  /** The delay doubles with each failure and starts small again after a success. */
  #restartLater(one) {
    const delayMs = this.#restartDelays.get(one.id) ?? RESTART_DELAY_MS;
    this.#restartDelays.set(one.id, Math.min(2 * delayMs, MAX_RESTART_DELAY_MS));
    setTimeout(() => void this.#revive(one), delayMs);
  }

  async #revive(one) {
    if (this.#state !== 'ready' || one.isRunning) return;
    try {
      await this.#startAndWait(one);
      this.#restartDelays.delete(one.id);
      say(`${one.id} is ready again (pid ${one.pid})`);
    } catch (error) {
      if (this.#state === 'ready') say(error.message);
    }
  }

  reviveAll() {
    for (const one of this.#processes) void this.#revive(one);
  }

  /** Stops everything in order; a second call kills what still runs, unless it comes with the first one. */
  async stop(exitCode) {
    if (this.isEnding) {
      if (performance.now() - this.#stopAt < SAME_WISH_MS) return;
      for (const one of this.#processes) one.kill();
      return;
    }
    this.#state = 'stopping';
    this.#stopAt = performance.now();
    let code = exitCode;
    for (const role of STOP_ORDER) {
      const group = this.#processes.filter((one) => one.role === role);
      const inTime = await Promise.all(group.map((one) => one.stop(STOP_LIMIT_MS)));
      for (const [i, one] of group.entries()) {
        if (inTime[i]) continue;
        say(`${one.id} did not end within ${STOP_LIMIT_MS / 1000} s and was killed; log: ${one.settings.logFile}`);
        code = 1;
      }
    }
    this.#state = 'stopped';
    this.#write();
    this.#finish(code);
  }
}

/** Everything that would make a process fail, before one starts. */
async function obstacles(options, dataDir) {
  const { host, gateways, respPort, httpPort, natsPort, natsUrl } = options;
  const other = otherClusterIn(dataDir);
  if (other !== undefined) return [other];
  const missing = STOP_ORDER.slice(0, 3).filter((role) => !existsSync(inRoot('dist', 'apps', role, 'src', 'main.js')));
  if (missing.length > 0) return [`dist holds no ${missing.join(', ')}: they are not part of this tree`];
  const wanted = Array.from({ length: gateways }, (_, i) => [
    { host, port: respPort && respPort + i, flag: '--resp-port' },
    { host, port: httpPort && httpPort + i, flag: '--http-port' },
  ]).flat();
  if (natsUrl === undefined) wanted.push({ host: NATS_HOST, port: natsPort, flag: '--nats-port' });
  return takenPorts(wanted);
}

function onSignals(cluster) {
  for (const signal of STOP_SIGNALS) process.on(signal, () => void cluster.stop(0));
  process.on('SIGUSR2', () => cluster.reviveAll());
}

/**
 * Runs a cluster until a signal ends it.
 * @returns {Promise<number>} the exit code: 0 when everything ended in order
 */
export async function runCluster(options) {
  const dataDir = chosenDataDir(options);
  try {
    const natsProgram = options.natsUrl === undefined ? findNatsServer(process.env) : undefined;
    const faults = await obstacles(options, dataDir);
    if (faults.length > 0) throw new Error(faults.join('\n'));
    const cluster = new Cluster(options, dataDir);
    onSignals(cluster);
    cluster.start(natsProgram).catch((error) => {
      if (cluster.isEnding) return;
      console.error(`cluster: ${error.message}`);
      void cluster.stop(1);
    });
    return await cluster.finished;
  } catch (error) {
    for (const line of error.message.split('\n')) console.error(`cluster: ${line}`);
    return 1;
  }
}
