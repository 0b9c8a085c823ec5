import type {
  ClientSession,
  ClusterView,
  CommandTable,
  GatewayContext,
  Request,
  RuntimeSettings,
  ServerInfo,
} from '#libs/commands';
import type { ReplyWriter } from '#libs/resp';
import type { GatewaySession } from './gateway-session.js';
import type { GatewayOptions } from './options.js';

/** What the host lets gateway commands do to connections. */
export interface ClientRegistry {
  sessions(): Iterable<GatewaySession>;
  close(session: GatewaySession): void;
  stores(): readonly { readonly name: string; readonly id: number }[];
}

/** The context of commands that the gateway answers itself; one object serves all, see {@link aim}. */
export class CommandContext implements GatewayContext {
  request!: Request;
  session!: ClientSession;
  nowMs = 0;
  nowMicros = 0;
  private target!: GatewaySession;

  constructor(
    readonly reply: ReplyWriter,
    readonly table: CommandTable,
    readonly cluster: ClusterView,
    readonly settings: RuntimeSettings,
    readonly info: ServerInfo,
    private readonly options: GatewayOptions,
    private readonly registry: ClientRegistry,
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
    this.reply.reset();
    this.reply.version = session.protocol;
  }

  clients(): Iterable<ClientSession> {
    return this.registry.sessions();
  }

  closeClient(id: number): void {
    for (const session of this.registry.sessions()) if (session.id === id) return this.registry.close(session);
  }

  stores(): readonly string[] {
    return this.registry.stores().map((store) => store.name);
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
    const [first] = this.registry.stores();
    target.name = '';
    target.protocol = 2;
    target.database = 0;
    target.user = 'default';
    target.authenticated = !this.passwordRequired;
    target.noEvict = false;
    target.noTouch = false;
    target.replyMode = 'on';
    if (first !== undefined) this.selectStore(first.name);
  }
}

/** Takes as long for a password that is wrong at its start as for one that is wrong at its end. */
function equalInConstantTime(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length;
  for (let i = 0; i < given.length; i++)
    difference |= given.charCodeAt(i) ^ expected.charCodeAt(i % (expected.length || 1));
  return difference === 0;
}
