/**
 * A gateway for REST's specs: entries in a map, the commands that REST uses, and answers that a spec can put in their
 * place. Replies come in a later turn, as a real gateway's do, in a buffer that is used again.
 */
import {
  type ChangeOutcome,
  type ClusterChange,
  decide,
  EMPTY_CLUSTER_STATE,
  type EventsRequest,
  evolve,
  NO_NODE,
  RoutingTable,
  settledPartition,
  storeFromPreset,
  type TableNode,
  type TableStore,
} from '#libs/cluster';
import type { ClusterNodeView, ClusterView, EventsOutcome, MoveView, NearFilterFigures } from '#libs/commands';
import { errorText, type ErrorCode, latin1Bytes, latin1Text } from '#libs/kernel';
import { decodeReply, ReplyWriter } from '#libs/resp';
import type { SettingView } from '#libs/ports';
import { ringReport } from '#libs/ring';
import type { ExecuteOptions, RestGateway, RestSettings } from '../rest-gateway.js';

interface FakeEntry {
  readonly value: Uint8Array;
  readonly etag: string;
  readonly ttlMs: number;
  /** Only where the store keeps times. */
  readonly createdAtMs?: number;
  readonly modifiedAtMs?: number;
}

/** Longer words are values, which no spec looks at as text. */
const MAX_WORD_BYTES = 70_000;

export class FakeGateway implements RestGateway {
  readonly entries = new Map<string, FakeEntry>();
  readonly executed: { readonly words: readonly string[]; readonly options: ExecuteOptions }[] = [];
  /** Answers in place of the next commands: error lines without `-`. */
  readonly failures: string[] = [];
  /** In place of what the next changes come to. */
  readonly outcomes: ChangeOutcome[] = [];
  moves: readonly MoveView[] = [];
  readonly view: ClusterView = {
    ...VIEW,
    moves: () => this.moves,
    ring: () => this.routing && ringReport(this.routing.table),
  };
  routing: RoutingTable | undefined = routingTable();
  /** The most commands that ran at the same time. */
  maxConcurrent = 0;
  private running = 0;
  private versions = 0;
  private readonly reply = new ReplyWriter();

  stores(): readonly TableStore[] {
    return this.routing?.table.stores ?? [];
  }

  nearFilter(): NearFilterFigures {
    return { hits: 7, copies: 16, bytes: 4096, refreshes: 20 };
  }

  readonly settings: RestSettings = {
    views: () => SETTINGS,
    faultsOf: (changes) =>
      changes.filter(({ value }) => value === 'bad').map(({ path }) => ({ path, reason: 'something good' })),
  };

  /** What requests for events get. */
  eventsOutcome: EventsOutcome = { ok: false, reason: 'no coordinator is reachable; ask again' };
  readonly eventRequests: EventsRequest[] = [];

  events(request: EventsRequest, onOutcome: (outcome: EventsOutcome) => void): void {
    this.eventRequests.push(request);
    setImmediate(() => onOutcome(this.eventsOutcome));
  }

  /** Decides as a coordinator would, or gives the outcome that a spec has put in its place. */
  change(changes: readonly ClusterChange[], onOutcome: (outcome: ChangeOutcome) => void): void {
    const outcome = this.outcomes.shift() ?? this.decided(changes);
    setImmediate(() => onOutcome(outcome));
  }

  private decided(changes: readonly ClusterChange[]): ChangeOutcome {
    const state = { ...EMPTY_CLUSTER_STATE, table: this.routing?.table };
    const decision = decide(state, { type: 'Change', requestId: '', changes });
    if (!decision.ok) return { ok: false, code: decision.code ?? 'unavailable', reason: decision.reason };
    const { table } = decision.events.reduce(evolve, state);
    if (table !== undefined) this.routing = new RoutingTable(table);
    return { ok: true, tableVersion: table?.tableVersion ?? 0 };
  }

  execute(command: Uint8Array, options: ExecuteOptions, onReply: (reply: Uint8Array) => void): void {
    const parts = decodeReply(command) as Uint8Array[];
    const words = parts.map((part) => latin1Text(part, 0, Math.min(part.length, MAX_WORD_BYTES)));
    this.executed.push({ words, options });
    this.running++;
    this.maxConcurrent = Math.max(this.maxConcurrent, this.running);
    setImmediate(() => {
      this.running--;
      this.reply.reset();
      this.reply.version = 3;
      this.answer(words, parts, options);
      const bytes = this.reply.toBytes();
      onReply(bytes);
      bytes.fill(0);
    });
  }

  private answer(words: readonly string[], parts: readonly Uint8Array[], options: ExecuteOptions): void {
    const { reply, entries } = this;
    const failure = this.failures.shift();
    if (failure !== undefined) return reply.error(failure);
    const id = `${options.store}/${options.database}/${words[1]}`;
    const entry = entries.get(id);
    switch (words[0]) {
      case 'HC.GET':
        if (entry === undefined) return reply.nullArray();
        reply.arrayHeader(5);
        reply.bulk(entry.value, 0, entry.value.length);
        reply.bulkText(entry.etag);
        reply.integer(entry.ttlMs);
        for (const timeMs of [entry.createdAtMs, entry.modifiedAtMs]) {
          if (timeMs === undefined) reply.nullBulk();
          else reply.integer(timeMs);
        }
        return;
      case 'HC.SET':
        return this.set(id, words, parts[2], entry);
      case 'HC.DEL':
        if (words[2] === 'IFTAG' && entry?.etag !== words[3]) return this.fail('PRECONDITION_FAILED');
        return reply.integer(entries.delete(id) ? 1 : 0);
      case 'CONFIG':
        return reply.ok();
      case 'HC.STOREREPORT':
        return reply.raw(latin1Bytes(storeReport(words[1])));
      case 'DBSIZE': {
        const prefix = `${options.store}/${options.database}/`;
        return reply.integer([...entries.keys()].filter((each) => each.startsWith(prefix)).length);
      }
      default:
        return reply.error(`ERR unknown command '${words[0]}'`);
    }
  }

  private set(id: string, words: readonly string[], value: Uint8Array, entry: FakeEntry | undefined): void {
    const condition = words.find((word, index) => index > 2 && word.startsWith('IF'));
    const isMet =
      condition === undefined ||
      (condition === 'IFABSENT' && entry === undefined) ||
      (condition === 'IFPRESENT' && entry !== undefined) ||
      (condition === 'IFTAG' && entry?.etag === words[words.indexOf('IFTAG', 3) + 1]);
    if (!isMet) return this.fail('PRECONDITION_FAILED');
    const px = words.indexOf('PX', 3);
    const ttlMs = px > 0 ? Number(words[px + 1]) : words.includes('KEEPTTL', 3) ? (entry?.ttlMs ?? -1) : -1;
    const etag = `${(++this.versions).toString(16).padStart(4, '0')}-00000000000000aa`;
    this.entries.set(id, { value, etag, ttlMs });
    this.reply.arrayHeader(2);
    this.reply.bulkText(etag);
    this.reply.integer(entry === undefined ? 1 : 0);
  }

  private fail(code: ErrorCode): void {
    this.reply.error(errorText(code));
  }
}

const SETTINGS: readonly SettingView[] = [
  { path: 'logging.level', value: 'INFO', defaultValue: 'INFO', runtime: true, origin: 'default' },
  { path: 'network.resp_port', value: '7000', defaultValue: '6379', runtime: false, origin: 'HC_RESP_PORT' },
];

const SELF: ClusterNodeView = {
  id: 'gw-1',
  redisId: 'a'.repeat(40),
  role: 'gateway',
  host: '127.0.0.1',
  respPort: 6379,
  state: 'up',
  isSelf: true,
  partitionCount: 0,
};

const VIEW: ClusterView = {
  mode: 'cluster',
  clusterId: 'c1',
  state: 'ok',
  tableVersion: 7,
  currentEpoch: 3,
  partitionCount: 4,
  defaultReplicas: 1,
  servedSlots: 16384,
  self: SELF,
  nodes: [SELF],
  absent: [{ id: 's3', redisId: '3'.repeat(40) }],
  reportOf: (nodeId) => (nodeId === 's1' ? { capacityBytes: 1_000, capabilities: ['probes'] } : undefined),
  leader: () => ({ nodeId: 'c1', host: '127.0.0.1', raftId: 5, term: 2 }),
  slotRanges: () => [],
  moves: () => [],
  replication: () => undefined,
  ring: () => undefined,
};

function node(nodeId: string, role: TableNode['role'], status: TableNode['status']): TableNode {
  const endpoints = { host: '127.0.0.1', respPort: role === 'gateway' ? 6379 : 0, httpPort: 0, adminPort: 6380 };
  return { nodeId, role, incarnation: 1, softwareVersion: '0.1.0', endpoints, zone: 'a', weight: 1, status };
}

/** Four partitions: three of `s1`, of which one moves to `s2` and one has an owner more, and one of `s2`, which is down. */
function routingTable(): RoutingTable {
  const partition = (owner: number, movingTo: number = NO_NODE) => ({
    ...settledPartition(3, [owner]),
    ...(movingTo === NO_NODE ? {} : { movingTo, movingFrom: owner, moveId: 7 }),
  });
  return new RoutingTable({
    featureLevel: 1,
    clusterId: 'c1',
    clusterName: 'test',
    hashSeed: 1,
    tableVersion: 7,
    partitions: [
      partition(1),
      { ...settledPartition(3, [2, 1]), primary: 1, outgoing: [2] },
      partition(1, 2),
      partition(2),
    ],
    nodes: [node('gw-1', 'gateway', 'up'), node('s1', 'storage-node', 'up'), node('s2', 'storage-node', 'down')],
    stores: [
      { id: 0, ...storeFromPreset('general', { name: 'default', memoryLimitBytes: 1_000_000 }) },
      { id: 1, ...storeFromPreset('session', { name: 'sessions', memoryLimitBytes: 5_000_000, defaultTtlMs: 60_000 }) },
    ],
    settings: [],
  });
}

/** What two storage nodes report of a store. */
function storeReport(store: string): string {
  const common = { hits: 3, misses: 1, filter_shards: 2 };
  const first = { items: 2, filter_items: 4, filter_built_permille: 2_000, filter_ready_shards: 2, filter_absent: 5 };
  const second = { items: 5, filter_items: 5, filter_built_permille: 1_000, filter_ready_shards: 1, filter_absent: 0 };
  const node = (name: string, values: Readonly<Record<string, number>>): string => {
    const pairs = Object.entries(values).map(([field, value]) => `+${field}\r\n:${value}\r\n`);
    return `*2\r\n+${name}\r\n*1\r\n*3\r\n+${store}\r\n*${2 * pairs.length}\r\n${pairs.join('')}*0\r\n`;
  };
  return `*2\r\n${node('s1', { ...common, ...first })}${node('s2', { ...common, ...second, filter_rate_ppm: 60_000 })}`;
}
