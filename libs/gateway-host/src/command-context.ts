import type {
  ClientSession,
  ClusterView,
  CommandTable,
  EventsOutcome,
  GatewayContext,
  NearFilterFigures,
  Request,
  RuntimeSettings,
  ServerInfo,
} from '#libs/commands';
import {
  DEFAULT_STORE_NAME,
  type ChangeOutcome,
  type ClusterChange,
  type EventsRequest,
  type TableStore,
} from '#libs/cluster';
import type { ReplyWriter, RespValue } from '#libs/resp';
import type { GatewaySession } from './gateway-session.js';
import type { NearFilters } from './near-filters.js';
import type { GatewayOptions } from './options.js';

/** What the host lets gateway commands do to connections. */
export interface ClientRegistry {
  sessions(): Iterable<GatewaySession>;
  close(session: GatewaySession): void;
  stores(): readonly TableStore[];
}

/** What lets commands answer later. */
export interface LaterAnswers {
  change(changes: readonly ClusterChange[], onOutcome: (outcome: ChangeOutcome) => void): void;
  events(request: EventsRequest, onOutcome: (outcome: EventsOutcome) => void): void;
  run(words: readonly string[], onValue: (value: RespValue) => void): void;
}

/** Begins what a command waits for; `finish` gives the reply to write. */
export type Deferred = (finish: (write: (reply: ReplyWriter) => void) => void) => void;

/** The context of commands that the gateway answers itself; one object serves all, see {@link aim}. */
export class CommandContext implements GatewayContext {
  request!: Request;
  session!: ClientSession;
  nowMs = 0;
  nowMicros = 0;
  private target!: GatewaySession;
  private deferred: Deferred | undefined;

  constructor(
    readonly reply: ReplyWriter,
    readonly table: CommandTable,
    readonly cluster: ClusterView,
    readonly settings: RuntimeSettings,
    readonly info: ServerInfo,
    private readonly options: GatewayOptions,
    private readonly registry: ClientRegistry,
    private readonly later: LaterAnswers,
    private readonly near: NearFilters,
  ) {}

  get serverVersion(): string {
    return this.options.redisVersion;
  }

  get passwordRequired(): boolean {
    return this.options.users.size > 0;
  }

  aim(session: GatewaySession, request: Request, wallMs: number): void {
    this.target = session;
    this.session = session;
    this.request = request;
    this.nowMs = Math.floor(wallMs);
    this.nowMicros = Math.floor((wallMs - this.nowMs) * 1000);
    this.deferred = undefined;
    this.reply.reset();
    this.reply.version = session.protocol;
  }

  clients(): Iterable<ClientSession> {
    return this.registry.sessions();
  }

  closeClient(id: number): void {
    for (const session of this.registry.sessions()) if (session.id === id) return this.registry.close(session);
  }

  stores(): readonly TableStore[] {
    return this.registry.stores();
  }

  nearFilter(storeId: number): NearFilterFigures {
    return this.near.figuresOf(storeId);
  }

  changeCluster(changes: readonly ClusterChange[], answer: (reply: ReplyWriter, outcome: ChangeOutcome) => void): void {
    this.deferred = (finish) => this.later.change(changes, (outcome) => finish((reply) => answer(reply, outcome)));
  }

  clusterEvents(request: EventsRequest, answer: (reply: ReplyWriter, outcome: EventsOutcome) => void): void {
    this.deferred = (finish) => this.later.events(request, (outcome) => finish((reply) => answer(reply, outcome)));
  }

  runCommand(words: readonly string[], answer: (reply: ReplyWriter, value: RespValue) => void): void {
    this.deferred = (finish) => this.later.run(words, (value) => finish((reply) => answer(reply, value)));
  }

  /** What the command that has just run waits for, if it does. */
  takeDeferred(): Deferred | undefined {
    const { deferred } = this;
    this.deferred = undefined;
    return deferred;
  }

  selectStore(name: string): boolean {
    const found = this.registry.stores().find((store) => store.name === name);
    if (found === undefined) return false;
    this.target.store = found.name;
    this.target.storeId = found.id;
    return true;
  }

  verifyPassword(user: string, password: string): boolean {
    if (!this.passwordRequired) return user === 'default';
    const expected = this.options.users.get(user);
    return expected !== undefined && equalInConstantTime(expected, password);
  }

  resetSession(): void {
    const { target } = this;
    target.name = '';
    target.protocol = 2;
    target.database = 0;
    target.user = 'default';
    target.authenticated = !this.passwordRequired;
    target.noEvict = false;
    target.noTouch = false;
    target.replyMode = 'on';
    this.selectStore(DEFAULT_STORE_NAME);
  }
}

/** Takes as long for a password that is wrong at its start as for one that is wrong at its end. */
function equalInConstantTime(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length;
  for (let i = 0; i < given.length; i++)
    difference |= given.charCodeAt(i) ^ expected.charCodeAt(i % (expected.length || 1));
  return difference === 0;
}
