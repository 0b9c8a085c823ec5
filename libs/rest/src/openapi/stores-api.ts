/** What the documentation says of stores. */
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { storeFromPreset } from '#libs/cluster';
import { policyRows, StoreSummary } from '#libs/commands';
import { PoliciesController } from '../policies-controller.js';
import { REST_BOUNDS } from '../rest-options.js';
import { filterStatisticsReply, statisticsReply, storeReply } from '../store-replies.js';
import { StoresController } from '../stores-controller.js';
import {
  COMMON_PROBLEMS,
  commonHeaders,
  describe,
  jsonResponse,
  problemResponses,
  type ProblemExample,
} from './describe.js';
import { ref, type SCHEMAS } from './schemas.js';

const STORE = storeReply({ id: 1, ...storeFromPreset('session', { name: 'web', memoryLimitBytes: 268_435_456 }) });
const { filter: FILTER } = STORE;
const STATISTICS = statisticsReply(
  { name: 'web', filter: { enabled: false, falsePositiveRate: 0.01, nearStalenessMs: 0 } },
  new StoreSummary(),
);
const [POLICY] = policyRows();

const UNKNOWN = ['UNKNOWN_STORE', 'there is no store "wep"; stores: default, web'] as const;

/** What every change may answer. */
const CHANGE_PROBLEMS: readonly ProblemExample[] = [
  ['INVALID_REQUEST', 'memory_limit_bytes 5: use 0 (none of its own) or 1048576 (1mb) to 1125899906842624'],
  ['MALFORMED_JSON', 'the body cannot be read as JSON: Unexpected end of JSON input'],
  ['BODY_TOO_LARGE', `the body is longer than ${REST_BOUNDS.maxStoreBodyBytes} bytes`],
  ['UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json'],
  ['CLUSTER_DOWN', 'no coordinator is reachable; nothing was changed'],
  ['TIMEOUT', 'no answer from the coordinator within the deadline; the outcome is unknown'],
];

export function describeStores(): void {
  describeReading();
  describeChanging();
  describeFilter();
  describe(
    PoliciesController,
    'list',
    ...operation('listPolicies', 'List the eviction policies'),
    jsonResponse(200, 'All policies', 'Policies', {
      policies: [{ ...policyExample(), redis_names: ['allkeys-random'], default_of: ['general'] }],
    }),
    ...problemResponses(...COMMON_PROBLEMS),
  );
}

function policyExample(): { name: string; doc: string; bytes_per_entry: number } {
  return { name: POLICY.name, doc: POLICY.doc, bytes_per_entry: POLICY.bytesPerEntry };
}

function describeReading(): void {
  describe(
    StoresController,
    'list',
    ...operation('listStores', 'List the stores'),
    jsonResponse(200, 'All stores', 'Stores', { stores: [STORE] }),
    ...problemResponses(...COMMON_PROBLEMS),
  );
  describe(
    StoresController,
    'detail',
    ...operation('getStore', 'Describe a store', 'Its definition, and its number of keys.'),
    storeParameter(),
    jsonResponse(200, 'The store', 'StoreDetail', { ...STORE, statistics: { keys: 3 } }),
    ...problemResponses(UNKNOWN, ...COMMON_PROBLEMS),
  );
  describe(
    StoresController,
    'stats',
    ...operation('getStoreStatistics', 'Statistics of a store', 'Added up over all storage nodes.'),
    storeParameter(),
    jsonResponse(200, 'The statistics', 'StoreStatistics', STATISTICS),
    ...problemResponses(UNKNOWN, ['CLUSTER_DOWN', 'The cluster is down'], ...COMMON_PROBLEMS),
  );
}

function describeChanging(): void {
  describe(
    StoresController,
    'create',
    ...operation('createStore', 'Create a store', 'On every node; answered once this gateway knows it.'),
    ...body('NewStore', { name: 'web', type: 'session', memory_limit_bytes: 268_435_456 }),
    jsonResponse(201, 'The store', 'Store', STORE),
    ...problemResponses(
      ['STORE_EXISTS', 'there is a store "web" already'],
      ['LIMIT_REACHED', 'there are 256 stores already, and no more are allowed'],
      ...CHANGE_PROBLEMS,
      ...COMMON_PROBLEMS,
    ),
  );
  describe(
    StoresController,
    'alter',
    ...operation('alterStore', 'Change a store', 'While it is in use; what is left out stays as it is.'),
    storeParameter(),
    ...body('StoreChanges', { memory_limit_bytes: 536_870_912, ttl_prefixes: [{ prefix: 'cart:', ttl_ms: 60_000 }] }),
    jsonResponse(200, 'The store as it is now', 'Store', STORE),
    ...problemResponses(UNKNOWN, ...CHANGE_PROBLEMS, ...COMMON_PROBLEMS),
  );
  describe(
    StoresController,
    'drop',
    ...operation('dropStore', 'Drop a store with all its entries', 'The store `default` cannot be dropped.'),
    storeParameter(),
    ApiResponse({ status: 204, description: 'The store is gone' }),
    ...problemResponses(
      UNKNOWN,
      ['INVALID_REQUEST', 'the store "default" cannot be dropped'],
      ['CLUSTER_DOWN', 'no coordinator is reachable; nothing was changed'],
      ['TIMEOUT', 'no answer from the coordinator within the deadline; the outcome is unknown'],
      ...COMMON_PROBLEMS,
    ),
  );
}

function describeFilter(): void {
  describe(
    StoresController,
    'filter',
    ...operation('getStoreFilter', 'How the filter of a store is set, and what it does'),
    storeParameter(),
    jsonResponse(200, 'The filter', 'StoreFilterDetail', {
      ...FILTER,
      statistics: filterStatisticsReply(new StoreSummary()),
    }),
    ...problemResponses(UNKNOWN, ...COMMON_PROBLEMS),
  );
  describe(
    StoresController,
    'setFilter',
    ...operation('setStoreFilter', 'Set the filter of a store', 'What is left out stays as it is.'),
    storeParameter(),
    ...body('StoreFilterChanges', { enabled: true }),
    jsonResponse(200, 'The filter as it is now', 'StoreFilter', FILTER),
    ...problemResponses(UNKNOWN, ...CHANGE_PROBLEMS, ...COMMON_PROBLEMS),
  );
}

function operation(operationId: string, summary: string, description?: string): MethodDecorator[] {
  const text = description === undefined ? {} : { description };
  return [ApiTags('stores'), ApiOperation({ operationId, summary, ...text }), ...commonHeaders()];
}

function storeParameter(): MethodDecorator {
  return ApiParam({ name: 'store', description: 'Name of a store.', schema: { type: 'string', example: 'web' } });
}

function body(schema: keyof typeof SCHEMAS, value: unknown): MethodDecorator[] {
  const examples = { example: { summary: 'An example', value } };
  return [ApiConsumes('application/json'), ApiBody({ required: true, schema: ref(schema), examples })];
}
