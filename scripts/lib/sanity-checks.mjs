// What npm run sanity checks, in order. Each check answers what it has seen, and throws an Error that says what is wrong.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PRESET_ADDRESS } from './sanity-options.mjs';

const PREFIX = `sanity:${randomBytes(4).toString('hex')}`;
/** So many that every partition has some, as a rule. */
const KEYS = 2_000;
/** Gateways hear of a new table within moments; heartbeats come twice a second. */
const AGREEMENT_LIMIT_MS = 5_000;
const POLL_MS = 50;

export const CHECKS = [
  ['gateways', reachGateways],
  ['services', servicesAreUp],
  ['cluster table', tablesAgree],
  ['same value at every gateway', sameValues],
  ['write, read and delete at different gateways', passOn],
  ['clients that count at once', count],
];

const names = (clients) => clients.map(({ name }) => name).join(', ');
const plural = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;
/** Turns a flat list of names and values into an object, as RESP2 answers maps. */
const fieldsOf = (list) =>
  Object.fromEntries(Array.from({ length: list.length / 2 }, (_, i) => list.slice(2 * i, 2 * i + 2)));

/** Opens one connection to each. */
async function reachGateways(context) {
  const open = async (address) => {
    const client = await context.open(address);
    context.opened.push(client);
    const reply = await client.run('PING');
    if (reply !== 'PONG') throw new Error(`${client.name}: PING answered ${JSON.stringify(reply)}`);
    return client;
  };
  if (context.addresses !== undefined) {
    context.gateways = await Promise.all(context.addresses.map(open));
  } else {
    const first = await open(PRESET_ADDRESS);
    const others = (await gatewayAddresses(first)).filter(({ port }) => port !== PRESET_ADDRESS.port);
    context.gateways = [first, ...(await Promise.all(others.map(open)))];
  }
  return `${names(context.gateways)} answer`;
}

/** What the cluster names to cluster clients. */
async function gatewayAddresses(client) {
  const lines = (await client.run('CLUSTER', 'NODES')).trim().split('\n');
  return lines.flatMap((line) => {
    const [, host, port] = /^\S+ (\S+):(\d+)@/.exec(line) ?? [];
    return host === undefined ? [] : [{ host, port: Number(port) }];
  });
}

/** As every gateway sees them. */
async function servicesAreUp({ gateways }) {
  const problems = [];
  let seen = '';
  for (const gateway of gateways) {
    const info = fieldsOf(await gateway.run('CLUSTER_INFO'));
    const roles = ['storage_nodes', 'gateways', 'coordinators'].filter((role) => info[role] > 0);
    for (const role of roles) {
      if (info[`${role}_up`] !== info[role])
        problems.push(`${gateway.name} sees ${info[`${role}_up`]} of ${info[role]} ${role} up`);
    }
    if (info.state !== 'ok') problems.push(`${gateway.name} says that the cluster is ${info.state}`);
    const ring = fieldsOf(await gateway.run('CLUSTER', 'RING'));
    const nodes = ring.nodes.map(fieldsOf).filter(({ state }) => state !== 'up');
    problems.push(...nodes.map(({ id, state }) => `${id} is ${state}`));
    if (ring.unowned > 0) problems.push(`${gateway.name} knows no owner of ${plural(ring.unowned, 'partition')}`);
    seen = `${roles.map((role) => `${info[role]} ${role.replace('_', ' ')}`).join(', ')} up, ${info.partitions} partitions served`;
  }
  if (problems.length > 0) throw new Error([...new Set(problems)].join('; '));
  return seen;
}

/** Tables change while partitions move, so gateways get a moment. */
async function tablesAgree({ gateways }) {
  const deadline = performance.now() + AGREEMENT_LIMIT_MS;
  for (;;) {
    const infos = await Promise.all(gateways.map(async (gateway) => fieldsOf(await gateway.run('CLUSTER_INFO'))));
    const clusters = new Set(infos.map((info) => info.cluster_id));
    if (clusters.size > 1) throw new Error(`the gateways belong to different clusters: ${[...clusters].join(', ')}`);
    const versions = infos.map((info) => info.table_version);
    if (new Set(versions).size === 1) return `version ${versions[0]} at ${plural(gateways.length, 'gateway')}`;
    if (performance.now() > deadline) throw new Error(`versions ${versions.join(', ')} at ${names(gateways)}`);
    await sleep(POLL_MS);
  }
}

/** Every gateway writes some of the keys, and every gateway reads them all. */
async function sameValues({ gateways }) {
  const keys = Array.from({ length: KEYS }, (_, i) => `${PREFIX}:key:${i}`);
  const valueOf = (key) => `value of ${key}`;
  await Promise.all(keys.map((key, i) => gateways[i % gateways.length].run('SET', key, valueOf(key))));
  const wrong = [];
  for (const gateway of gateways) {
    const values = await Promise.all(keys.map((key) => gateway.run('GET', key)));
    const index = values.findIndex((value, i) => value !== valueOf(keys[i]));
    if (index >= 0) wrong.push(`${gateway.name} reads ${JSON.stringify(values[index])} under ${keys[index]}`);
  }
  await Promise.all(keys.map((key) => gateways[0].run('DEL', key)));
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  return `${plural(keys.length, 'key')} read at ${plural(gateways.length, 'gateway')}`;
}

/** Each gateway takes each part once. */
async function passOn({ gateways }) {
  const key = `${PREFIX}:passed`;
  for (const [i, writer] of gateways.entries()) {
    const reader = gateways[(i + 1) % gateways.length];
    const remover = gateways[(i + 2) % gateways.length];
    const value = `written at ${writer.name}`;
    await writer.run('SET', key, value);
    const read = await reader.run('GET', key);
    if (read !== value)
      throw new Error(`${reader.name} reads ${JSON.stringify(read)}, which was ${JSON.stringify(value)}`);
    const removed = await remover.run('DEL', key);
    if (removed !== 1) throw new Error(`${remover.name} deleted ${removed} keys in place of 1`);
    const left = await writer.run('GET', key);
    if (left !== null)
      throw new Error(`${writer.name} still reads ${JSON.stringify(left)} after ${remover.name} has deleted it`);
  }
  return `${plural(gateways.length, 'round')}`;
}

/** Increments are not repeatable: one that is lost or executed twice shows. */
async function count({ gateways, open, opened, clients, increments }) {
  const key = `${PREFIX}:counter`;
  const connections = await Promise.all(
    Array.from({ length: clients }, (_, i) => open(gateways[i % gateways.length].address)),
  );
  opened.push(...connections);
  const startedAt = performance.now();
  await Promise.all(
    connections.map(async (client) => {
      for (let i = 0; i < increments; i++) await client.run('INCR', key);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const value = Number(await gateways[0].run('GET', key));
  await gateways[0].run('DEL', key);
  const expected = clients * increments;
  if (value !== expected)
    throw new Error(`${clients} clients with ${increments} increments each gave ${value}, not ${expected}`);
  return `${clients} clients x ${increments} INCR = ${value}, in ${seconds.toFixed(1)} s`;
}
