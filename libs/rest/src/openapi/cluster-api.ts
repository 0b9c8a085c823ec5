/** What the documentation says of the cluster. */
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ClusterController } from '../cluster-controller.js';
import { COMMON_PROBLEMS, commonHeaders, describe, jsonResponse, problemResponses } from './describe.js';

/** An example. */
export const NODE = {
  id: 'storage-1',
  role: 'storage-node',
  state: 'up',
  self: false,
  address: { host: '10.0.0.11', resp_port: null, http_port: null, admin_port: 6380 },
  partitions: 256,
  copies: 256,
  zone: 'a',
  weight: 1,
  version: '0.1.0',
  capacity_bytes: 1_073_741_824,
  capabilities: ['probes'],
};

const CLUSTER = {
  id: 'c1f0a2',
  mode: 'cluster',
  state: 'ok',
  table_version: 7,
  epoch: 3,
  partitions: { total: 256, served: 256, unserved: 0, moving: 0, under_replicated: 0, changing_owners: 0 },
  copies: { wanted: 1, possible: 1, shortage: null },
  nodes: [NODE],
  absent: [],
};

const RING_NODE = {
  id: 'storage-1',
  zone: 'a',
  weight: 1,
  state: 'up',
  share: 128,
  deviation: 0.015625,
  moves_pending: 2,
};

const RING = {
  table_version: 7,
  partitions: 256,
  copies: 256,
  unowned: 0,
  load_factor: 1.015625,
  standard_deviation: 2,
  max_deviation: 0.015625,
  moves: { active: 1, pending: 2 },
  nodes: [
    { ...RING_NODE, partitions: 130, primaries: 130 },
    { ...RING_NODE, id: 'storage-2', zone: 'b', deviation: -0.015625, partitions: 126, primaries: 126 },
  ],
};

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
      partitions: [
        {
          partition: 0,
          epoch: 3,
          primary: 'storage-1',
          owners: ['storage-1'],
          outgoing: [],
          moving_to: 'storage-2',
          replaces: 'storage-1',
        },
      ],
    }),
    ...problemResponses(['CLUSTER_DOWN', 'this gateway has no partition table yet'], ...COMMON_PROBLEMS),
  );
  describe(
    ClusterController,
    'ring',
    ApiTags('cluster'),
    ApiOperation({ operationId: 'getRing', summary: 'Tell how evenly the partitions lie on the storage nodes' }),
    ...commonHeaders(),
    jsonResponse(200, 'The distribution', 'Ring', RING),
    ...problemResponses(['CLUSTER_DOWN', 'this gateway has no partition table yet'], ...COMMON_PROBLEMS),
  );
}
