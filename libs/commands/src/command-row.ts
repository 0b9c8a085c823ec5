/**
 * Commands as rows: name, arity, flags, keys, route and documentation. Routing, arity errors, COMMAND INFO and the
 * reference follow from the row alone; command.ts adds what runs.
 */

/** Redis's command flags, as COMMAND INFO prints them. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'fast'
  | 'loading'
  | 'stale'
  | 'noscript'
  | 'no_async_loading'
  | 'no_auth'
  | 'allow_busy'
  | 'sentinel'
  | 'movablekeys';

/** Redis's group names, for COMMAND DOCS and the generated reference. */
export type CommandGroup = 'string' | 'generic' | 'connection' | 'server' | 'cluster' | 'store' | 'hypercache';

/** Where the keys stand, in Redis's terms: first and last index (negative from the end) and step; 0,0,0 for none. */
export interface KeyPositions {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/**
 * Where a command runs.
 * - `gateway`: answered by the gateway itself.
 * - `key`: sent to the primary of its keys; several keys must lie in one partition (else CROSSSLOT), unless one node
 *   owns everything.
 * - `split`: its keys may lie anywhere; each node gets the arguments of its own keys, replies are merged by `merge`.
 * - `all`: sent to every primary, each answers for all its partitions; replies are merged by `merge`.
 * - `cursor`: SCAN: the partition stands in the cursor.
 */
export type CommandRoute = 'gateway' | 'key' | 'split' | 'all' | 'cursor';

/**
 * How replies of several nodes become one: `sum` of integers, `concat` of arrays, `keyed` (array elements put back in
 * the order of the keys), `ok` (first error, else OK), `pick` (one of the non-nil replies at random), `nodes` (an array
 * of the replies as they are; a node may be in it several times).
 */
export type ReplyMerge = 'sum' | 'concat' | 'keyed' | 'ok' | 'pick' | 'nodes';

/** One argument of a command as COMMAND DOCS describes it. */
export interface ArgumentDoc {
  readonly name: string;
  readonly type: 'key' | 'string' | 'integer' | 'double' | 'pattern' | 'unix-time' | 'pure-token' | 'oneof' | 'block';
  readonly token?: string;
  readonly since?: string;
  /** For keys: the row of {@link CommandRow.keyAccess} that it belongs to; 0 where left out. */
  readonly keySpec?: number;
  readonly optional?: boolean;
  readonly multiple?: boolean;
  readonly arguments?: readonly ArgumentDoc[];
}

/**
 * What a read answers for an absent key: nil, nil where it answers arrays, 0, the -2 of TTL, the `none` of TYPE; see
 * absent-replies.ts.
 */
export type AbsentReply = 'null' | 'null-array' | 'zero' | 'minus-two' | 'none';

/** What a command does with its keys, in the words of COMMAND INFO's key specifications. */
export type KeyAccess = 'RO' | 'RW' | 'OW' | 'RM' | 'access' | 'update' | 'insert' | 'delete' | 'variable_flags';

/** ACL categories, as COMMAND INFO prints them after `@`. */
export type AclCategory =
  'keyspace' | 'read' | 'write' | 'string' | 'admin' | 'fast' | 'slow' | 'dangerous' | 'connection';

/** What is known about a command, apart from what runs it. */
export interface CommandRow {
  /** Stable number on the wire: never reused, never changed. */
  readonly id: number;
  /** Lower case; subcommands as `client|setname`. */
  readonly name: string;
  /** Redis's convention: exact count with the name (and subcommand) itself, or minus the least count. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly keys: KeyPositions;
  /** One row for all keys, or one row for each of them where they differ; empty where there are none. */
  readonly keyAccess: readonly (readonly KeyAccess[])[];
  readonly route: CommandRoute;
  /** For the routes whose replies come from several nodes. */
  readonly merge?: ReplyMerge;
  /**
   * Of reads that, of one absent key, answer the same whatever else stands in the request: such a reply needs no look at
   * the keys of a storage node where the absence is known.
   */
  readonly absentReply?: AbsentReply;
  readonly group: CommandGroup;
  /** The Redis version that brought the command, or `hypercache`. */
  readonly since: string;
  readonly summary: string;
  readonly complexity: string;
  readonly arguments: readonly ArgumentDoc[];
  /** ACL categories beyond those that follow from the flags and the group. */
  readonly categories: readonly AclCategory[];
  /** Tips of COMMAND INFO beyond those that follow from the route and the merge. */
  readonly tips: readonly string[];
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
}

export const NO_KEYS: KeyPositions = { first: 0, last: 0, step: 0 };
export const ONE_KEY: KeyPositions = { first: 1, last: 1, step: 1 };
export const TWO_KEYS: KeyPositions = { first: 1, last: 2, step: 1 };
export const ALL_KEYS: KeyPositions = { first: 1, last: -1, step: 1 };
export const KEY_VALUE_PAIRS: KeyPositions = { first: 1, last: -1, step: 2 };
