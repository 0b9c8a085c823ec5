import { ALL_COMMANDS } from './all-commands.js';
import { decoded } from './testing/decoded.js';
import type { Plain } from './testing/decoded.js';
import { GatewayBench } from './testing/gateway-bench.js';
import { describeBesideRedis, RealRedis } from '../../../test/support/real-redis.js';
import { wordsOf } from './testing/request-text.js';

/** What COMMAND INFO and COMMAND DOCS say, and what gateway commands answer, beside Redis 7.0. */
/** Younger than 7.0. */
const UNKNOWN_TO_REDIS = new Set(['client|setinfo', 'client|no-touch']);
const KNOWN = ALL_COMMANDS.filter((row) => row.since !== 'hypercache' && !UNKNOWN_TO_REDIS.has(row.name));
/** A proxy may split MSETNX in Redis's eyes; here it is refused over several partitions. */
const OTHER_TIPS = new Set(['msetnx']);
/** Arguments that the reference shows by other names, or that Redis 7.0 documents without one. */
const OTHER_ARGUMENTS = new Set(['client|kill', 'client|list', 'command|getkeys']);

/** COMMAND INFO's row with its sets sorted and without its subcommands. */
function infoRow(row: Plain, withTips: boolean): Plain {
  const [name, arity, flags, first, last, step, categories, tips, keySpecs] = row as Plain[];
  const specs = (keySpecs as Plain[]).map((spec) => {
    const fields = new Map((spec as Plain[]).map((pair) => pair as [string, Plain]));
    return [[...(fields.get('flags') as string[])].toSorted(), fields.get('begin_search')!, fields.get('find_keys')!];
  });
  const sorted = [...(flags as string[])].toSorted();
  return [
    name,
    arity,
    sorted,
    first,
    last,
    step,
    categories,
    withTips ? [...(tips as string[])].toSorted() : [],
    specs,
  ];
}

/** Name and type of each argument and what it takes, without versions and texts. */
function argumentShapes(docs: Plain): Plain {
  const fields = new Map((docs as Plain[]).map((pair) => pair as [string, Plain]));
  const shape = (list: Plain | undefined): Plain =>
    ((list ?? []) as Plain[]).map((argument) => {
      const parts = new Map((argument as Plain[]).map((pair) => pair as [string, Plain]));
      const kept = ['name', 'type', 'key_spec_index', 'token', 'flags'].map((field) => parts.get(field) ?? null);
      return [...kept, shape(parts.get('arguments'))];
    });
  return [
    fields.get('since')!,
    fields.get('group')!,
    fields.get('deprecated_since') ?? null,
    shape(fields.get('arguments')),
  ];
}

describeBesideRedis('metadata beside redis-server 7.0', () => {
  let redis: RealRedis;
  const bench = new GatewayBench();
  beforeAll(async () => {
    redis = await RealRedis.start();
    await redis.run([['HELLO', '3']]);
    bench.session.protocol = 3;
  });
  afterAll(() => redis.stop());

  it.each(KNOWN.map((row) => row.name))('COMMAND INFO %s', async (name) => {
    const [theirs] = await redis.run([['COMMAND', 'INFO', name]]);
    const isStorage = bench.table.byName(name)!.route !== 'gateway' && !OTHER_TIPS.has(name);
    const [ourRow] = decoded(bench.run(`COMMAND INFO ${name}`)) as Plain[];
    const [theirRow] = decoded(theirs) as Plain[];
    expect(infoRow(ourRow, isStorage)).toEqual(infoRow(theirRow, isStorage));
  });

  it.each(['get', 'mset', 'rename', 'client|id'])('the same bytes for COMMAND INFO %s', async (name) => {
    const [theirs] = await redis.run([['COMMAND', 'INFO', name]]);
    expect(bench.run(`COMMAND INFO ${name}`)).toBe(theirs);
  });

  it.each(KNOWN.map((row) => row.name))('COMMAND DOCS %s', async (name) => {
    const [theirs] = await redis.run([['COMMAND', 'DOCS', name]]);
    const [[ourName, ourDocs]] = decoded(bench.run(`COMMAND DOCS ${name}`)) as [string, Plain][];
    const [[theirName, theirDocs]] = decoded(theirs) as [string, Plain][];
    expect(ourName).toBe(theirName);
    if (!OTHER_ARGUMENTS.has(name)) expect(argumentShapes(ourDocs)).toEqual(argumentShapes(theirDocs));
  });

  it.each([
    'PING',
    'PING x',
    'PING a b',
    'ECHO "a b"',
    'ECHO',
    'SELECT 3',
    'SELECT 16',
    'SELECT -1',
    'SELECT 99999999999',
    'AUTH foo',
    'AUTH a b',
    'AUTH a b c',
    'HELLO 4',
    'HELLO x',
    'HELLO 3 foo',
    'HELLO 3 auth a',
    'HELLO 3 setname "a b"',
    'HELLO 3 setname',
    'HELLO 3 auth x y',
    'CLIENT',
    'CLIENT nosuch',
    'CLIENT ID x',
    'CLIENT SETNAME "a b"',
    'CLIENT SETNAME me',
    'CLIENT GETNAME',
    'CLIENT SETNAME ""',
    'CLIENT GETNAME',
    'CLIENT KILL 1.2.3.4:5',
    'CLIENT KILL ID 0',
    'CLIENT KILL ID x',
    'CLIENT KILL ID 99999',
    'CLIENT KILL foo bar',
    'CLIENT KILL ID 9 ADDR',
    'CLIENT KILL TYPE foo',
    'CLIENT KILL TYPE pubsub',
    'CLIENT KILL TYPE normal SKIPME x',
    'CLIENT LIST TYPE foo',
    'CLIENT LIST TYPE pubsub',
    'CLIENT LIST ID x',
    'CLIENT LIST ID',
    'CLIENT LIST x',
    'CLIENT LIST ID 99999',
    'CLIENT REPLY x',
    'CLIENT REPLY ON',
    'CLIENT NO-EVICT x',
    'CLIENT NO-EVICT on',
    'COMMAND nosuch',
    'COMMAND GETKEYS get',
    'COMMAND GETKEYS foo a',
    'COMMAND GETKEYS ping a',
    'COMMAND GETKEYS get a b',
    'COMMAND GETKEYS mset a b c d',
    'COMMAND GETKEYS copy a b',
    'COMMAND LIST x',
    'COMMAND LIST FILTERBY x y',
    'COMMAND LIST FILTERBY MODULE x',
    'COMMAND INFO nosuch',
    'COMMAND DOCS nosuch',
    'INFO nosuch',
    'CONFIG',
    'CONFIG GET',
    'CONFIG GET nosuch',
    'CONFIG GET maxclients',
    'CONFIG SET a',
    'CONFIG SET nosuch 1',
    'CONFIG SET maxclients 1 x',
    'CONFIG SET maxclients 1 maxclients 2',
    'CONFIG REWRITE',
    'CONFIG RESETSTAT',
    'CLUSTER INFO',
    'CLUSTER',
    'TIME x',
    'nosuch',
    'nosuch a "b c" d',
    'QUERY "a\\r\\nb" \\0',
  ])('the same answer to %s', async (line) => {
    const [theirs] = await redis.run([wordsOf(line)]);
    expect(bench.run(line)).toBe(theirs);
  });
});
