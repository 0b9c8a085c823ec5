/** What the documentation says of stores and the cluster. */
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ClusterController } from '../cluster-controller.js';
import { StoresController } from '../stores-controller.js';
import { COMMON_PROBLEMS, commonHeaders, describe, jsonResponse, problemResponses } from './describe.js';

const STORE = { name: 'default', type: 'general', memory_limit_bytes: 268_435_456, default_ttl_ms: null };

const NODE = {
  id: 'storage-1',
  role: 'storage-node',
  state: 'up',
  self: false,
  address: { host: '10.0.0.11', resp_port: null, http_port: null, admin_port: 6380 },
  partitions: 256,
  zone: 'a',
  weight: 1,
  version: '0.1.0',
};

const CLUSTER = {
  id: 'c1f0a2',
  mode: 'cluster',
  state: 'ok',
  table_version: 7,
  epoch: 3,
  partitions: { total: 256, served: 256, unserved: 0, moving: 0 },
  nodes: [NODE],
};

export function describeStores(): void {
  describe(
    StoresController,
    'list',
    ApiTags('stores'),
    ApiOperation({ operationId: 'listStores', summary: 'List the stores' }),
    ...commonHeaders(),
    jsonResponse(200, 'All stores', 'Stores', { stores: [STORE] }),
    ...problemResponses(...COMMON_PROBLEMS),
  );
  describe(
    StoresController,
    'detail',
    ApiTags('stores'),
    ApiOperation({
      operationId: 'getStore',
      summary: 'Describe a store',
      description: 'Its definition and statistics.',
    }),
    ApiParam({ name: 'store', description: 'Name of a store.', schema: { type: 'string', example: 'default' } }),
    ...commonHeaders(),
    jsonResponse(200, 'The store', 'StoreDetail', { ...STORE, statistics: { keys: 3, databases: { '0': 3 } } }),
    ...problemResponses(
      ['UNKNOWN_STORE', 'there is no store "sesions"; stores: default, sessions'],
      ...COMMON_PROBLEMS,
    ),
  );
}

export function describeCluster(): void {
  describe(
    ClusterController,
    'cluster',
    ApiTags('cluster'),
    ApiOperation({ operationId: 'getCluster', summary: 'Describe the cluster' }),
    ...commonHeaders(),
    jsonResponse(200, 'The cluster as this gateway sees it', 'Cluster', CLUSTER),
    ...problemResponses(...COMMON_PROBLEMS),
  );
  describe(
    ClusterController,
    'partitions',
    ApiTags('cluster'),
    ApiOperation({ operationId: 'listPartitions', summary: 'List the partitions with their owners' }),
    ...commonHeaders(),
    jsonResponse(200, 'The partition table', 'Partitions', {
      table_version: 7,
      partitions: [{ partition: 0, epoch: 3, primary: 'storage-1', owners: ['storage-1'], moving_to: null }],
    }),
    ...problemResponses(['CLUSTER_DOWN', 'this gateway has no partition table yet'], ...COMMON_PROBLEMS),
  );
}
