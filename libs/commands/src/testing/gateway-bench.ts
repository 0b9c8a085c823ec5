import {
  storeFromPreset,
  type ChangeOutcome,
  type ClusterChange,
  type EventsRequest,
  type ReplicationReport,
  type TableStore,
} from '#libs/cluster';
import { assert, latin1Text } from '#libs/kernel';
import { ReplyWriter, type RespValue } from '#libs/resp';
import type { RingReport } from '#libs/ring';
import { ALL_COMMANDS } from '../all-commands.js';
import { unknownCommandText, wrongArityText } from '../command-errors.js';
import { arityMatches } from '../command-keys.js';
import { CommandTable } from '../command-table.js';
import type {
  AbsentMember,
  ClientSession,
  ClusterNodeView,
  EventsOutcome,
  GatewayContext,
  LeaderView,
  MoveView,
  SlotRange,
} from '../gateway-context.js';
import { requestOf, wordsOf } from './request-text.js';

// Gateway commands without a gateway: sessions, settings and the cluster are plain values that a test may change.
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function gatewayNode(name: string, more: Partial<ClusterNodeView> = {}): ClusterNodeView {
  return {
    id: name,
    redisId: name.padEnd(40, '0'),
    role: 'gateway',
    host: '10.0.0.1',
    respPort: 6379,
    state: 'up',
    isSelf: false,
    partitionCount: 0,
    ...more,
  };
}

export function clientSession(id: number): Mutable<ClientSession> {
  return {
    id,
    remoteAddress: `127.0.0.1:${50_000 + id}`,
    localAddress: '127.0.0.1:6379',
    connectedAtMs: 1_700_000_000_000 - 5_500,
    lastCommandAtMs: 1_700_000_000_000 - 1_200,
    lastCommandName: '',
    totalCommands: 0,
    queuedReplyBytes: 0,
    queuedRequestBytes: 0,
    name: '',
    libraryName: '',
    libraryVersion: '',
    protocol: 2,
    database: 0,
    store: 'default',
    user: 'default',
    authenticated: true,
    noEvict: false,
    noTouch: false,
    replyMode: 'on',
  };
}

/** A gateway in plain values: runs its commands by text and answers their RESP bytes as Latin-1 text. */
export class GatewayBench {
  readonly table = new CommandTable(ALL_COMMANDS);
  readonly reply = new ReplyWriter();
  readonly session = clientSession(1);
  readonly otherSessions = [clientSession(2), clientSession(3)];
  readonly closed: number[] = [];
  readonly settings = new Map([
    ['maxmemory', '0'],
    ['maxclients', '10000'],
    ['appendfsync', 'everysec'],
  ]);
  readonly passwords = new Map<string, string>();
  mode: 'standalone' | 'cluster' = 'standalone';
  leader: LeaderView | undefined;
  nodes: readonly ClusterNodeView[] = [gatewayNode('a', { isSelf: true })];
  absent: readonly AbsentMember[] = [];
  servedSlots = 16384;
  defaultReplicas = 1;
  ranges: readonly SlotRange[] = [];
  replication: ReplicationReport | undefined;
  ring: RingReport | undefined;
  statisticsResets = 0;
  nearFigures = { hits: 0, copies: 0, bytes: 0, refreshes: 0 };
  rewriteFault: string | undefined = 'The server is running without a config file';
  stores: readonly TableStore[] = [
    { id: 0, ...storeFromPreset('general', { name: 'default' }) },
    { id: 1, ...storeFromPreset('session', { name: 'sessions' }) },
  ];
  /** Changes that commands have asked the coordinator for, and what they get as the outcome. */
  readonly changes: ClusterChange[] = [];
  outcome: ChangeOutcome = { ok: true, tableVersion: 5 };
  moves: readonly MoveView[] = [];
  /** Requests for events, and what they get. */
  readonly eventRequests: EventsRequest[] = [];
  eventsOutcome: EventsOutcome = { ok: false, reason: 'no coordinator is reachable; ask again' };
  /** Commands that commands have run, and what they get as the reply. */
  readonly commands: string[] = [];
  value: RespValue = null;
  nowMs = 1_700_000_000_000;

  /** `line` as typed into redis-cli. */
  run(line: string): string {
    const request = requestOf(...wordsOf(line));
    const { reply, table } = this;
    reply.reset();
    reply.version = this.session.protocol;
    const command = table.lookup(request);
    if (command === undefined) {
      reply.error(unknownCommandText(table, request));
    } else if (!arityMatches(command, request.count)) {
      reply.error(wrongArityText(command));
    } else {
      assert('run' in command, `${command.name} is no gateway command`);
      command.run(this.context(request));
    }
    return latin1Text(reply.buffer, 0, reply.length);
  }

  private context(request: GatewayContext['request']): GatewayContext {
    const { session, settings } = this;
    return {
      request,
      reply: this.reply,
      session,
      nowMs: this.nowMs,
      nowMicros: 7,
      cluster: {
        mode: this.mode,
        clusterId: 'test',
        state: 'ok',
        tableVersion: 4,
        currentEpoch: 9,
        partitionCount: 256,
        defaultReplicas: this.defaultReplicas,
        servedSlots: this.servedSlots,
        self: this.nodes[0],
        nodes: this.nodes,
        absent: this.absent,
        reportOf: () => undefined,
        leader: () => this.leader,
        slotRanges: () => this.ranges,
        moves: () => this.moves,
        replication: () => this.replication,
        ring: () => this.ring,
      },
      settings: {
        all: () => settings,
        plan: (wanted) => {
          const [bad] = [...wanted].find(([, value]) => value === 'bad') ?? [];
          if (bad !== undefined) return { ok: false, name: bad, reason: 'argument must be good' };
          const changes = [...wanted].map(([path, value]) => ({ type: 'ChangeSetting', path, value }) as const);
          return { ok: true, changes };
        },
        rewrite: () => this.rewriteFault,
        resetStatistics: () => void this.statisticsResets++,
      },
      info: {
        sections: ['server', 'memory', 'CPU'],
        defaultSections: ['server', 'memory'],
        render: (section) => [['section', section]],
      },
      table: this.table,
      serverVersion: '7.4.0',
      clients: () => [session, ...this.otherSessions],
      closeClient: (id) => void this.closed.push(id),
      stores: () => this.stores,
      nearFilter: () => this.nearFigures,
      changeCluster: (changes, answer) => {
        this.changes.push(...changes);
        answer(this.reply, this.outcome);
      },
      clusterEvents: (asked, answer) => {
        this.eventRequests.push(asked);
        answer(this.reply, this.eventsOutcome);
      },
      runCommand: (words, answer) => {
        this.commands.push(words.join(' '));
        answer(this.reply, this.value);
      },
      selectStore: (name) => {
        if (name !== 'default' && name !== 'sessions') return false;
        session.store = name;
        return true;
      },
      verifyPassword: (user, password) => this.passwords.get(user) === password,
      passwordRequired: this.passwords.has('default'),
      resetSession: () => {
        session.name = '';
        session.protocol = 2;
        session.database = 0;
      },
    };
  }
}
