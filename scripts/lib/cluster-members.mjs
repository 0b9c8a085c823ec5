// Which processes make up the cluster, and the command line of each. Services get flags, which win over every environment
// variable and file, so that what the user exported for them cannot mix up their ports and names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsArguments, reportedNatsPort } from './cluster-nats.mjs';
import { inRoot } from './paths.mjs';
import { NODE_FLAGS, NODE_TUNABLES } from './node-flags.mjs';

const GUARD = new URL('./cluster-guard.mjs', import.meta.url).href;
const ROLES = [
  { role: 'coordinator', prefix: 'coordinator', count: 'coordinators' },
  { role: 'storage-node', prefix: 'storage', count: 'storage' },
  { role: 'gateway', prefix: 'gateway', count: 'gateways' },
];

/**
 * The settings of the nats-server's process.
 * @param {{ natsPort: number, natsHost?: string }} options
 * @param {{ logs: string, run: string }} folders
 */
export function natsMember(program, options, folders) {
  return {
    role: 'nats',
    id: 'nats',
    logFile: join(folders.logs, 'nats.log'),
    readyFile: join(folders.run, 'nats.json'),
    launch: ({ ports }) => ({
      command: program,
      args: natsArguments(ports.nats ?? options.natsPort, folders.run, options.natsHost),
      env: process.env,
      ipc: false,
    }),
    readReport: ({ pid }) => {
      const port = pid === undefined ? undefined : reportedNatsPort(folders.run, pid);
      return port === undefined ? undefined : { resp: 0, http: 0, admin: 0, nats: port };
    },
  };
}

const counted = (first, index) => (first === 0 ? 0 : first + index);

/** The port of an earlier start, so that clients find a restarted gateway where it was. */
function portFlags(role, index, options, ports) {
  if (role !== 'gateway') return ['--admin-port', '0'];
  const resp = ports.resp || counted(options.respPort, index);
  const http = ports.http || counted(options.httpPort, index);
  return ['--resp-port', String(resp), '--http-port', String(http), '--admin-port', '0'];
}

function readyReport(file) {
  try {
    const { pid, respPort, httpPort, adminPort } = JSON.parse(readFileSync(file, 'utf8'));
    return { pid, ports: { resp: respPort, http: httpPort, admin: adminPort } };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const coordinatorNames = ({ coordinators }) => Array.from({ length: coordinators }, (_, i) => `coordinator-${i + 1}`);

/**
 * The settings of one service; of storage nodes there may be more than the cluster waits for.
 * @param {{ placeOf?: (id: string) => { host: string, natsUrl: string, wrapper: string[] } }} options placeOf: where a service
 *   listens and finds NATS, and the command that it is started by, where it does not live beside the others
 */
export function serviceMember(role, index, options, folders, natsUrl) {
  const id = `${ROLES.find((row) => row.role === role).prefix}-${index + 1}`;
  const readyFile = join(folders.run, `${id}.json`);
  const place = options.placeOf?.(id) ?? { host: options.host, natsUrl, wrapper: [] };
  const [command, ...wrapped] = [...place.wrapper, process.execPath];
  const flags = ['--node-id', id, '--cluster', options.name, '--host', place.host, '--nats-servers', place.natsUrl];
  flags.push('--data-dir', join(folders.data, id), '--log-level', options.logLevel);
  flags.push('--expected-storage-nodes', String(options.storage));
  if (role === 'coordinator') flags.push('--coordinators', coordinatorNames(options).join(','));
  return {
    role,
    id,
    logFile: join(folders.logs, `${id}.log`),
    readyFile,
    launch: ({ ports }) => ({
      command,
      args: [
        ...wrapped,
        ...NODE_FLAGS,
        '--import',
        GUARD,
        inRoot('dist', 'apps', role, 'src', 'main.js'),
        ...flags,
        ...portFlags(role, index, options, ports),
        ...options.serviceFlags,
      ],
      env: { ...NODE_TUNABLES, ...process.env, HC_READY_FILE: readyFile },
      ipc: true,
    }),
    readReport: ({ pid }) => {
      const report = readyReport(readyFile);
      return report?.pid === pid ? report.ports : undefined;
    },
  };
}

/** The settings of all services, in the order in which they start. */
export function serviceMembers(options, folders, natsUrl) {
  return ROLES.flatMap(({ role, count }) =>
    Array.from({ length: options[count] }, (_, index) => serviceMember(role, index, options, folders, natsUrl)),
  );
}
