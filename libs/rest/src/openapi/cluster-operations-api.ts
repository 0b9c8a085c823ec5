/** What the documentation says of what operators do to the cluster. */
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ClusterOperationsController } from '../cluster-operations-controller.js';
import { NODE } from './cluster-api.js';
import {
  COMMON_PROBLEMS,
  commonHeaders,
  describe,
  jsonResponse,
  problemResponses,
  query,
  type ProblemExample,
} from './describe.js';

const MOVE = {
  partition: 7,
  from: 'storage-1',
  to: 'storage-2',
  replaces: 'storage-1',
  bytes: 262_144,
  since: '2026-01-05T10:00:00.000Z',
  state: 'copying',
};

const EVENTS = {
  first_index: 1,
  last_index: 2,
  events: [{ index: 2, time: MOVE.since, name: 'NodeDraining', fields: { nodeId: 'storage-1' } }],
};

const UNKNOWN: ProblemExample = ['UNKNOWN_NODE', 'there is no node "storage-9"; nodes: storage-1, storage-2'];
const UNREACHED: readonly ProblemExample[] = [
  ['CLUSTER_DOWN', 'no coordinator is reachable; nothing was changed'],
  ['TIMEOUT', 'no answer from the coordinator within the deadline; the outcome is unknown'],
];

export function describeClusterOperations(): void {
  describeDraining();
  describeRebalancing();
  describe(
    ClusterOperationsController,
    'forget',
    ...operation('forgetNode', 'Strike a node off the table', 'One that is gone and owns no partitions.'),
    nodeParameter(),
    ApiResponse({ status: 204, description: 'The node is forgotten' }),
    ...problemResponses(
      UNKNOWN,
      ['CONFLICT', '"storage-1" is up: stop its process first'],
      ...UNREACHED,
      ...COMMON_PROBLEMS,
    ),
  );
  describe(
    ClusterOperationsController,
    'events',
    ...operation('listEvents', 'List what has happened to the cluster', 'As far back as the coordinators remember.'),
    query('since', 'Events from this index on; 0: the newest.', { type: 'integer', minimum: 0, default: 0 }, 1),
    query('limit', 'How many at most.', { type: 'integer', minimum: 1, maximum: 1_000, default: 100 }, 100),
    jsonResponse(200, 'The events', 'Events', EVENTS),
    ...problemResponses(
      ['INVALID_REQUEST', 'limit is "0"; allowed: an integer from 1 to 1000'],
      ['CLUSTER_DOWN', 'no coordinator is reachable; ask again'],
      ...COMMON_PROBLEMS,
    ),
  );
}

function describeDraining(): void {
  const invalid: ProblemExample = ['INVALID_REQUEST', '"gateway-1" is a gateway; only storage nodes own partitions'];
  describe(
    ClusterOperationsController,
    'drain',
    ...operation('drainNode', 'Drain a storage node', 'It hands all its partitions over, and gets none.'),
    nodeParameter(),
    jsonResponse(202, 'It has begun to', 'Node', { ...NODE, state: 'draining' }),
    ...problemResponses(
      UNKNOWN,
      invalid,
      ['CONFLICT', 'no other storage node is up that could take over from "storage-1": start one first'],
      ...UNREACHED,
      ...COMMON_PROBLEMS,
    ),
  );
  describe(
    ClusterOperationsController,
    'undrain',
    ...operation('undrainNode', 'Let a storage node own partitions again', 'Rebalancing brings it its share.'),
    nodeParameter(),
    jsonResponse(202, 'It may own partitions', 'Node', NODE),
    ...problemResponses(UNKNOWN, ...UNREACHED, ...COMMON_PROBLEMS),
  );
}

function describeRebalancing(): void {
  describe(
    ClusterOperationsController,
    'rebalance',
    ...operation('rebalance', 'Move partitions to where they should be', 'At once, and from now on by itself again.'),
    jsonResponse(202, 'It has begun', 'Moves', { moves: [MOVE] }),
    ...problemResponses(...UNREACHED, ...COMMON_PROBLEMS),
  );
  describe(
    ClusterOperationsController,
    'stopRebalancing',
    ...operation('stopRebalancing', 'End moves and begin no others', 'Draining nodes go on.'),
    ApiResponse({ status: 204, description: 'Nothing moves any more' }),
    ...problemResponses(...UNREACHED, ...COMMON_PROBLEMS),
  );
  describe(
    ClusterOperationsController,
    'moves',
    ...operation('listMoves', 'List the partitions that are on their way', 'As this gateway knows them.'),
    jsonResponse(200, 'The moves', 'Moves', { moves: [MOVE] }),
    ...problemResponses(...COMMON_PROBLEMS),
  );
}

function operation(operationId: string, summary: string, description: string): MethodDecorator[] {
  return [ApiTags('cluster'), ApiOperation({ operationId, summary, description }), ...commonHeaders()];
}

function nodeParameter(): MethodDecorator {
  return ApiParam({ name: 'node', description: 'Name of a node.', schema: { type: 'string', example: 'storage-1' } });
}
