/**
 * The documents of the API as JSON Schema (OpenAPI 3.1). Plain objects instead of decorated classes: what is sent is
 * made of interfaces, which leave nothing behind to reflect on, and what comes in is checked by its own classes. A
 * test compares real replies and those classes with what stands here.
 */
import { CLUSTER_LIMITS, EVICTION_SCOPES, NODE_STATUSES, STORE_LIMITS } from '#libs/cluster';
import { nearFilterStatistics, NO_NEAR_FILTER, PRESSURE_LEVELS, statisticsFields, StoreSummary } from '#libs/commands';
import { KEY_PATH_ENCODINGS } from '../key-queries.js';
import { TEXT_ENCODINGS } from '../batch-entries.js';
import { REST_BOUNDS } from '../rest-options.js';
import { filterStatisticsReply } from '../store-replies.js';

export type Schema = Readonly<Record<string, unknown>>;

export function ref(name: keyof typeof SCHEMAS): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object whose properties are all required, apart from those named in `optional`. */
function object(description: string, properties: Record<string, Schema>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', description, properties, required, additionalProperties: false };
}

const text = (description: string): Schema => ({ type: 'string', description });
const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description });
const nullable = (type: string, description: string): Schema => ({ type: [type, 'null'], description });
const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description });
const schemaRef = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const encoding = (description: string): Schema => ({
  type: 'string',
  enum: [...TEXT_ENCODINGS],
  default: 'utf8',
  description,
});

const NODE_STATES = NODE_STATUSES.filter((status) => status !== 'unspecified');
const TTL_LEFT = nullable('integer', 'Milliseconds that the entry has left; null where it stays.');
const KEY_FIELDS = { key: text('The key.'), key_encoding: encoding('How the key is written.') };

const batchBody = (entry: string): Schema =>
  object('A batch.', {
    entries: { ...list(schemaRef(entry), 'Executed one by one.'), minItems: 1, maxItems: REST_BOUNDS.maxBatchEntries },
  });

/** Anything that a setting may be given as. */
const VALUE: Schema = { type: ['string', 'number', 'boolean', 'array', 'object', 'null'] };

const STORE_FIELDS = {
  name: text('Its name.'),
  type: text('What it holds: `general`, `session` or `ttl-only`.'),
  policy: text('What is evicted when it is full; `GET /policies` lists them.'),
  eviction_scope: {
    type: 'string',
    enum: [...EVICTION_SCOPES],
    description: 'volatile: only entries with an expiry are evicted.',
  },
  memory_limit_bytes: count('Memory on each storage node; 0 for no limit of its own.'),
  default_ttl_ms: nullable('integer', 'Time to live of entries written without one; null for none.'),
  ttl_prefixes: list(schemaRef('TtlPrefix'), 'Times to live by key prefix, before the default; the longest counts.'),
  idle_ttl_ms: nullable('integer', 'Of session stores: entries go when unused for so long; null for never.'),
  max_ttl_ms: nullable('integer', 'Entries go so long after they were created; null for never.'),
  timestamps: { type: 'boolean', description: 'Whether entries keep when they were created and changed last.' },
  replicas: { type: 'integer', minimum: 1, maximum: CLUSTER_LIMITS.maxOwners, description: 'Copies of each entry.' },
  filter: schemaRef('StoreFilter'),
};

const OPTIONAL_STORE_FIELDS = Object.keys(STORE_FIELDS).filter((name) => name !== 'name');
const { name: STORE_NAME, ...CHANGEABLE_STORE_FIELDS } = STORE_FIELDS;

const NEW_STORE_FIELDS = { ...STORE_FIELDS, filter: schemaRef('StoreFilterChanges') };
const CHANGED_STORE_FIELDS = { ...CHANGEABLE_STORE_FIELDS, filter: schemaRef('StoreFilterChanges') };

/** The name of a statistic in words, with its unit. */
function docOf(name: string): string {
  const words = name
    .replace(/_bytes$/, ', in bytes')
    .replace(/_us$/, ', in microseconds')
    .replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

const STATISTICS_FIELDS = Object.fromEntries(
  statisticsFields(new StoreSummary()).map(([name]) => [
    name,
    name === 'pressure'
      ? { type: 'string', enum: [...PRESSURE_LEVELS], description: 'The worst over all storage nodes.' }
      : { type: 'number', minimum: 0, description: docOf(name) },
  ]),
);

const NEAR_FILTER_FIELDS = Object.fromEntries(
  nearFilterStatistics(NO_NEAR_FILTER).map(([name]) => [
    name,
    { type: 'number', minimum: 0, description: docOf(name) },
  ]),
);

const FILTER_STATISTICS_FIELDS = Object.fromEntries(
  Object.keys(filterStatisticsReply(new StoreSummary())).map((name) => [
    name,
    { type: 'number', minimum: 0, description: docOf(name) },
  ]),
);

const FILTER_FIELDS = {
  enabled: { type: 'boolean', description: 'Whether there is one.' },
  false_positive_rate: {
    type: 'number',
    minimum: STORE_LIMITS.minFalsePositiveRate,
    maximum: STORE_LIMITS.maxFalsePositiveRate,
    description: 'How often it may be wrong.',
  },
  near_staleness_ms: {
    type: 'integer',
    minimum: 0,
    maximum: STORE_LIMITS.maxNearStalenessMs,
    description: 'How late gateways, which keep copies, may learn of keys of other gateways; 0 for no copies.',
  },
} as const;

export const SCHEMAS = {
  Problem: object(
    'A failure (RFC 9457).',
    {
      type: text('Names the kind of failure; compare it, do not open it.'),
      title: text('The kind of failure for people.'),
      status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.' },
      detail: text('What it was in this request.'),
      code: text('The kind of failure for programs.'),
      retriable: { type: 'boolean', description: 'True where nothing was executed: the request may be sent again.' },
      errors: list(schemaRef('FieldFault'), 'Fields that are not valid.'),
      correlation_id: text('Finds the request in the logs.'),
    },
    ['errors', 'correlation_id'],
  ),
  FieldFault: object('A field that is not valid.', {
    field: text('Its path.'),
    value: text('What it held, shortened.'),
    allowed: text('What it may hold.'),
  }),
  Entry: object('An entry as JSON.', {
    key: { ...text('The key in base64.'), contentEncoding: 'base64' },
    value: { ...text('The value in base64.'), contentEncoding: 'base64' },
    encoding: { type: 'string', enum: ['base64'], description: 'Always base64.' },
    etag: text('The version, without quotes.'),
    ttl_ms: TTL_LEFT,
    created_at_ms: nullable('integer', 'When it was created, since 1970; null where the store keeps no timestamps.'),
    modified_at_ms: nullable('integer', 'When it was changed last, of whole seconds; null as above.'),
  }),
  GetEntry: object('A key to read.', { ...KEY_FIELDS, encoding: encoding('How the value is wanted.') }, [
    'key_encoding',
    'encoding',
  ]),
  SetEntry: object(
    'An entry to write.',
    {
      ...KEY_FIELDS,
      value: text('The value.'),
      encoding: encoding('How the value is written.'),
      ttl_ms: {
        type: 'integer',
        minimum: 1,
        maximum: REST_BOUNDS.maxTtlMs,
        description: 'Time to live; else that of the store.',
      },
    },
    ['key_encoding', 'encoding', 'ttl_ms'],
  ),
  KeyEntry: object('A key to delete.', KEY_FIELDS, ['key_encoding']),
  BatchGet: batchBody('GetEntry'),
  BatchSet: batchBody('SetEntry'),
  BatchDelete: batchBody('KeyEntry'),
  BatchResult: object(
    'What became of one entry.',
    {
      ...KEY_FIELDS,
      status: { type: 'integer', description: 'The status that a request for this entry alone would have had.' },
      value: text('The value of an entry that was read.'),
      encoding: encoding('How the value is written: base64 where it is not UTF-8.'),
      etag: text('The version, without quotes.'),
      ttl_ms: TTL_LEFT,
      error: schemaRef('Problem'),
    },
    ['value', 'encoding', 'etag', 'ttl_ms', 'error'],
  ),
  BatchReply: object('The results of a batch.', {
    results: list(schemaRef('BatchResult'), 'In the order of the entries.'),
    failed: count('Results with a status of 400 or more; keys that are not there are no failures.'),
  }),
  Setting: object('A setting.', {
    path: text('As in the configuration file.'),
    value: text('Its value as a text; `***` in place of a secret.'),
    default: text('What it is where nobody sets it.'),
    runtime: { type: 'boolean', description: 'Whether it may be changed while the services run.' },
    origin: text('Where the value was set: a line of a file, a variable, a flag, `default` or `changed at run time`.'),
  }),
  Settings: object('Settings.', { settings: list(schemaRef('Setting'), 'One by one.') }),
  SettingChanges: {
    type: 'object',
    description: `New values by path, up to ${CLUSTER_LIMITS.maxChangesAtOnce}; null goes back to what the nodes were started with.`,
    additionalProperties: VALUE,
  },
  TtlPrefix: object('A time to live for keys that begin so.', {
    prefix: text('How keys begin.'),
    ttl_ms: count('Milliseconds; 0 for no expiry.'),
  }),
  StoreFilter: object('Answers look-ups of absent keys.', FILTER_FIELDS),
  StoreFilterDetail: object(
    'A filter with its statistics.',
    {
      ...FILTER_FIELDS,
      statistics: {
        ...object('Over all storage nodes; null where those that know are out of reach.', FILTER_STATISTICS_FIELDS),
        type: ['object', 'null'],
      },
      statistics_error: text('Why there are no statistics.'),
    },
    ['statistics_error'],
  ),
  StoreFilterChanges: object(
    'What is left out stays.',
    {
      enabled: { type: 'boolean', description: 'Switches it on or off.' },
      false_positive_rate: {
        type: 'number',
        minimum: STORE_LIMITS.minFalsePositiveRate,
        maximum: STORE_LIMITS.maxFalsePositiveRate,
        description: 'How often it may be wrong.',
      },
      near_staleness_ms: FILTER_FIELDS.near_staleness_ms,
    },
    ['enabled', 'false_positive_rate', 'near_staleness_ms'],
  ),
  NewStore: object('A store to create; its type decides what is left out.', NEW_STORE_FIELDS, OPTIONAL_STORE_FIELDS),
  StoreChanges: object('What is left out stays.', CHANGED_STORE_FIELDS, OPTIONAL_STORE_FIELDS),
  StoreStatistics: object('A store over all storage nodes.', {
    store: STORE_NAME,
    ...STATISTICS_FIELDS,
    filter_enabled: FILTER_FIELDS.enabled,
    filter_false_positive_rate: FILTER_FIELDS.false_positive_rate,
    filter_near_staleness_ms: FILTER_FIELDS.near_staleness_ms,
    ...NEAR_FILTER_FIELDS,
  }),
  Policy: object('An eviction policy.', {
    name: text('Its name.'),
    doc: text('What it evicts.'),
    bytes_per_entry: { type: 'number', minimum: 0, description: 'What it costs beside what every entry costs.' },
    redis_names: list({ type: 'string' }, 'What Redis calls it.'),
    default_of: list({ type: 'string' }, 'Store types that have it where nothing else is said.'),
  }),
  Policies: object('The eviction policies.', { policies: list(schemaRef('Policy'), 'All of them.') }),
  Store: object('A store.', STORE_FIELDS),
  Stores: object('The stores.', { stores: list(schemaRef('Store'), 'All stores.') }),
  StoreDetail: object(
    'A store with its statistics.',
    {
      ...STORE_FIELDS,
      statistics: {
        ...object(
          'Null where the nodes that know are out of reach.',
          {
            keys: count('Keys in the store.'),
            databases: {
              type: 'object',
              additionalProperties: count('Keys.'),
              description: 'Keys by database, where it has any; of the store `default` only.',
            },
          },
          ['databases'],
        ),
        type: ['object', 'null'],
      },
      statistics_error: text('Why there are no statistics.'),
    },
    ['statistics_error'],
  ),
  Node: object(
    'A member of the cluster.',
    {
      id: text('Its name.'),
      role: { type: 'string', enum: ['gateway', 'storage-node', 'coordinator'], description: 'What it does.' },
      state: { type: 'string', enum: NODE_STATES, description: 'Whether it is heard, and what is done with it.' },
      self: { type: 'boolean', description: 'The node that answers this request.' },
      address: object('Where it is reached; null for a port that it does not have.', {
        host: text('Host name or address.'),
        resp_port: nullable('integer', 'Redis’s protocol.'),
        http_port: nullable('integer', 'REST.'),
        admin_port: nullable('integer', 'Health and metrics.'),
      }),
      partitions: count('Partitions that it is the primary of.'),
      copies: count('Partitions that it owns, as primary or not.'),
      zone: text('Its failure zone.'),
      weight: { type: 'number', description: 'Its share of the partitions, relative to others.' },
      version: text('Its software.'),
      capacity_bytes: count('Memory that its stores may use together; 0 where it holds no data.'),
      capabilities: list({ type: 'string' }, 'What its release can do beyond the cluster’s feature level.'),
    },
    ['copies', 'zone', 'weight', 'version', 'capacity_bytes', 'capabilities'],
  ),
  Cluster: object('The cluster as this gateway sees it.', {
    id: text('Made when the cluster was formed.'),
    mode: { type: 'string', enum: ['standalone', 'cluster'], description: 'One process, or services over NATS.' },
    state: { type: 'string', enum: ['ok', 'fail'], description: 'ok where every partition is served.' },
    table_version: count('Version of the partition table.'),
    epoch: count('The highest epoch of any partition.'),
    partitions: object('Partitions, counted.', {
      total: count('All.'),
      served: count('With a primary that is reachable.'),
      unserved: count('Without one.'),
      moving: count('On their way to another node.'),
      under_replicated: count('With fewer owners that are there than stores ask for.'),
      changing_owners: count('Whose owners have changed, and that are not served with them yet.'),
    }),
    copies: object('How many owners partitions have.', {
      wanted: count('The most that a store asks for.'),
      possible: count('As many as there can be at present.'),
      shortage: nullable('string', 'Why those are fewer; null where they are not.'),
    }),
    nodes: list(schemaRef('Node'), 'All members.'),
    absent: list({ type: 'string' }, 'Nodes that are configured as members and have never joined.'),
  }),
  Partition: object('A partition.', {
    partition: count('Its number.'),
    epoch: count('Grows when its owners change.'),
    primary: nullable('string', 'The node that serves it; null where none is reachable.'),
    owners: list({ type: 'string' }, 'All owners, each at its place: a store of n copies uses the first n.'),
    outgoing: list(
      { type: 'string' },
      'The owners before they changed last, until it is served with the present ones.',
    ),
    moving_to: nullable('string', 'The node that is to become an owner.'),
    replaces: nullable('string', 'The owner whose place that node takes; null where it gets one of its own.'),
  }),
  RingNode: object('What a storage node has of the partitions.', {
    id: text('Its name.'),
    zone: text('Its failure zone.'),
    weight: { type: 'number', description: 'Its share of the partitions, relative to others.' },
    state: text('As the coordinator holds it.'),
    partitions: count('Copies that it owns.'),
    primaries: count('Partitions that it is the primary of.'),
    share: { type: 'number', description: 'Copies that its weight asks for, as far as other nodes and zones allow.' },
    deviation: { type: 'number', description: '(partitions - share) / share.' },
    moves_pending: count('Copies on their way to it or from it, or that will have to be.'),
  }),
  Ring: object('How evenly the partitions lie on the storage nodes.', {
    table_version: count('Version of the partition table.'),
    partitions: count('All.'),
    copies: count('Their owners together.'),
    unowned: count('Partitions without any owner.'),
    load_factor: { type: 'number', description: 'The largest ratio of a node’s copies to its share.' },
    standard_deviation: { type: 'number', description: 'Of the nodes’ differences from their shares, in copies.' },
    max_deviation: { type: 'number', description: 'The largest absolute deviation of a node.' },
    moves: object('Copies that change their node.', {
      active: count('On their way.'),
      pending: count('The same, and those to come.'),
    }),
    nodes: list(schemaRef('RingNode'), 'Storage nodes, by name.'),
  }),
  Move: object('A partition on its way to another node.', {
    partition: count('Its number.'),
    from: text('The node that serves it, and copies.'),
    to: text('The node that gets a copy.'),
    replaces: nullable('string', 'The owner whose place that node takes; null where it gets one of its own.'),
    bytes: count('Copied so far, as the source’s last heartbeat said.'),
    since: { type: 'string', format: 'date-time', description: 'When this gateway first heard of it.' },
    state: { type: 'string', enum: ['starting', 'copying'], description: 'How far it is.' },
  }),
  Moves: object('Partitions on their way.', { moves: list(schemaRef('Move'), 'By partition.') }),
  Event: object('Something that has happened to the cluster.', {
    index: count('Grows by one with each event.'),
    time: { type: 'string', format: 'date-time', description: 'When it was decided.' },
    name: text('In the past tense, such as NodeJoined.'),
    fields: { type: 'object', additionalProperties: { type: 'string' }, description: 'What it is about.' },
  }),
  Events: object('Events that the coordinators remember.', {
    first_index: count('Of the oldest event that they remember; 0 where there is none.'),
    last_index: count('Of the newest event; 0 where there is none.'),
    events: list(schemaRef('Event'), 'The oldest first.'),
  }),
  Partitions: object('The partition table.', {
    table_version: count('Its version.'),
    partitions: list(schemaRef('Partition'), 'By number.'),
  }),
} as const satisfies Record<string, Schema>;

export const KEY_PATH_ENCODING_SCHEMA: Schema = { type: 'string', enum: [...KEY_PATH_ENCODINGS], default: 'percent' };
