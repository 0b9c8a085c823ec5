// The flags of npm run sanity.
import { parseArgs } from 'node:util';

const PRESET = { gateway: '127.0.0.1:6379', clients: 50, increments: 1000 };
const MAX_CLIENTS = 1_000;
const MAX_INCREMENTS = 1_000_000;

export const HELP = `usage: npm run sanity [-- flags]

Asks a running cluster, as a Redis client, whether it does what clients rely on: every service is up and every partition
served, every gateway has the same table and sees the same values, what is written at one gateway is read at the next and
deleted at the third, and increments of many clients at once all count. It writes keys that begin with "sanity:" into the
store "default" and deletes them again.

It stops and starts nothing: what a cluster survives is tested by "npm test -- --only e2e" and "npm run bench -- join".

  --gateways <host:port,...>   Redis ports (${PRESET.gateway}, and the gateways that the cluster names there)
  --user <name>, --password <secret>
                               for clusters that ask for it (HC_PASSWORD)
  --clients <n>                that count at once (${PRESET.clients})
  --increments <n>             of each (${PRESET.increments})
`;

/** `{ options }`, `{ help: true }`, or the `fault` of what was given. */
export function parseSanityOptions(args, env) {
  let values;
  try {
    const text = { type: 'string' };
    const flags = { gateways: text, user: text, password: text, clients: text, increments: text };
    ({ values } = parseArgs({ args, options: { ...flags, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    return { fault: error.message };
  }
  if (values.help) return { help: true };
  try {
    const password = values.password ?? (env.HC_PASSWORD || undefined);
    return {
      options: {
        gateways: values.gateways?.split(',').map(addressOf),
        user: values.user,
        password,
        clients: integer('clients', values.clients, PRESET.clients, MAX_CLIENTS),
        increments: integer('increments', values.increments, PRESET.increments, MAX_INCREMENTS),
      },
    };
  } catch (error) {
    return { fault: error.message };
  }
}

export const PRESET_ADDRESS = addressOf(PRESET.gateway);

function addressOf(text) {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text.trim()) ?? [];
  if (host === undefined || Number(port) > 65_535 || Number(port) === 0) {
    throw new Error(`--gateways ${text}: use host:port, more of them with commas between`);
  }
  return { host, port: Number(port) };
}

function integer(name, text, preset, max) {
  if (text === undefined) return preset;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new Error(`--${name} ${text}: allowed is an integer from 1 to ${max}`);
  return value;
}
