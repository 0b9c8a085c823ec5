// The flags of `npm run cluster`: what they are called, what they allow, what they default to. Everything that is wrong is
// reported at once, one line each.
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inRoot } from './paths.mjs';

const LEVELS = ['ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'];
const MAX_PROCESSES_PER_ROLE = 64;
const MAX_COORDINATORS = 15;
const MAX_PORT = 65_535;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Flags with a number: default and range. */
const NUMBERS = {
  gateways: { preset: 1, min: 1, max: MAX_PROCESSES_PER_ROLE },
  storage: { preset: 3, min: 1, max: MAX_PROCESSES_PER_ROLE },
  coordinators: { preset: 1, min: 1, max: MAX_COORDINATORS },
  rf: { preset: 1, min: 1, max: MAX_PROCESSES_PER_ROLE },
  'resp-port': { preset: 6379, min: 0, max: MAX_PORT },
  'http-port': { preset: 8080, min: 0, max: MAX_PORT },
  'nats-port': { preset: 4222, min: 0, max: MAX_PORT },
};
/** Other flags; `undefined` where the default follows from something else. */
const TEXTS = { host: '127.0.0.1', name: 'hypercache', 'log-level': 'INFO', 'data-dir': undefined };

export const HELP = `usage: npm run cluster -- [flags] [-- flags of the services]

Starts gateways, storage nodes and coordinators as separate processes over a nats-server, waits until all are ready,
and stops them in order on Ctrl-C or SIGTERM. What follows a second "--" goes to every service as it is.

  --gateways <n>       gateways (1)
  --storage <n>        storage nodes (3)
  --coordinators <n>   coordinators (1); three or five agree by Raft
  --rf <n>             replication factor (1; more comes with replication)
  --resp-port <port>   Redis's protocol on the first gateway, further gateways count up; 0: free ports (6379)
  --http-port <port>   REST on the first gateway, further gateways count up; 0: free ports (8080)
  --nats-port <port>   port of the nats-server that is started; 0: a free port (4222)
  --host <address>     address to listen on (127.0.0.1)
  --name <name>        name of the cluster (hypercache)
  --log-level <level>  ${LEVELS.join(', ')} (INFO)
  --data-dir <folder>  data, logs and cluster.json (data/cluster-<resp-port>; a temporary folder where that port is 0)
  --restart            start a process again when it dies (otherwise it stays down and the others go on)
  --help               this text

  NATS_URL             use this NATS in place of an own nats-server
  NATS_SERVER          path of the nats-server program, when it is not on PATH
  SIGUSR2              sent to the process named in cluster.json as "pid": starts what is down again

Nothing is removed at the end: the same --data-dir continues where it was left.
`;

function parseNumber(flag, text, faults) {
  const { preset, min, max } = NUMBERS[flag];
  if (text === undefined) return preset;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  faults.push(`--${flag} ${text}: allowed is an integer from ${min} to ${max}`);
  return preset;
}

function checkFeatures(options, faults) {
  if (options.rf > 1) faults.push(`--rf ${options.rf}: this version keeps one copy; more come with replication`);
}

function checkTexts(options, faults) {
  if (!NAME.test(options.name)) faults.push(`--name ${options.name}: allowed are 1 to 64 letters, digits, "-" and "_"`);
  if (!LEVELS.includes(options.logLevel)) {
    faults.push(`--log-level ${options.logLevel}: allowed is one of ${LEVELS.join(', ')}`);
  }
}

function checkPorts({ gateways, respPort, httpPort, natsPort, natsUrl }, faults) {
  const owners = new Map();
  const claim = (flag, first, count) => {
    for (let port = first; first !== 0 && port < first + count; port++) {
      if (port > MAX_PORT)
        return void faults.push(`${flag} ${first}: ${gateways} gateways would pass port ${MAX_PORT}`);
      if (owners.has(port)) return void faults.push(`${flag}: port ${port} is also that of ${owners.get(port)}`);
      owners.set(port, flag);
    }
  };
  claim('--resp-port', respPort, gateways);
  claim('--http-port', httpPort, gateways);
  if (natsUrl === undefined) claim('--nats-port', natsPort, 1);
}

/** An absolute path; a temporary folder is not made before the cluster starts. */
function dataDirOf(given, respPort) {
  if (given !== undefined) return isAbsolute(given) ? given : resolve(given);
  return respPort === 0 ? undefined : inRoot('data', `cluster-${respPort}`);
}

/** The folder to use; made here where it is a temporary one. */
export const chosenDataDir = ({ dataDir }) => dataDir ?? mkdtempSync(join(tmpdir(), 'hypercache-cluster-'));

function readArguments(args) {
  const texts = [...Object.keys(NUMBERS), ...Object.keys(TEXTS)];
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const { values } = parseArgs({
    args: own,
    options: {
      ...Object.fromEntries(texts.map((flag) => [flag, { type: 'string' }])),
      restart: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  return { values, serviceFlags: end < 0 ? [] : args.slice(end + 1) };
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ options?: object, help: boolean, faults: string[] }} faults: one line each
 */
export function parseOptions(args, env) {
  const faults = [];
  let read;
  try {
    read = readArguments(args);
  } catch (error) {
    return { help: false, faults: [`${error.message.split('. ')[0]}; --help lists the flags`] };
  }
  const { values, serviceFlags } = read;
  if (values.help) return { help: true, faults };
  const number = (flag) => parseNumber(flag, values[flag], faults);
  const text = (flag) => values[flag] ?? TEXTS[flag];
  const respPort = number('resp-port');
  const options = {
    gateways: number('gateways'),
    storage: number('storage'),
    coordinators: number('coordinators'),
    rf: number('rf'),
    respPort,
    httpPort: number('http-port'),
    natsPort: number('nats-port'),
    natsUrl: env.NATS_URL || undefined,
    host: text('host'),
    name: text('name'),
    logLevel: text('log-level').toUpperCase(),
    dataDir: dataDirOf(text('data-dir'), respPort),
    restart: values.restart === true,
    serviceFlags,
  };
  checkFeatures(options, faults);
  checkTexts(options, faults);
  checkPorts(options, faults);
  return { options, help: false, faults };
}
