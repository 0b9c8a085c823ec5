/** What the documentation says of batches. */
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { BatchController } from '../batch-controller.js';
import { problem } from '../problem.js';
import { REST_BOUNDS } from '../rest-options.js';
import { commonHeaders, DATA_PROBLEMS, describe, jsonResponse, problemResponses, query } from './describe.js';
import { ref, type SCHEMAS } from './schemas.js';

type SchemaName = keyof typeof SCHEMAS;

const ETAG = '0001-9f86d081884c7d65';

const LIMITS =
  `Up to ${REST_BOUNDS.maxBatchEntries} entries and ${REST_BOUNDS.maxBatchBodyBytes} bytes of body. ` +
  'Entries are executed one by one: a batch is not atomic, and one failure leaves the others alone.';

function batch(
  body: SchemaName,
  entries: readonly unknown[],
  results: readonly unknown[],
  failed: number,
): MethodDecorator[] {
  return [
    ApiTags('batches'),
    ApiParam({ name: 'store', description: 'Name of a store.', schema: { type: 'string', example: 'default' } }),
    query('database', 'Database of the store `default`.', { type: 'integer', minimum: 0, maximum: 15, default: 0 }, 0),
    ...commonHeaders(),
    ApiConsumes('application/json'),
    ApiBody({ required: true, schema: ref(body), examples: { batch: { summary: 'A batch', value: { entries } } } }),
    jsonResponse(200, 'The batch was executed; each result has its own status', 'BatchReply', { results, failed }),
    ...problemResponses(
      ['INVALID_REQUEST', 'entries[3].key is missing; allowed: a text'],
      ['MALFORMED_JSON', 'the body cannot be read as JSON: Unexpected end of JSON input'],
      ['BODY_TOO_LARGE', `the body is longer than ${REST_BOUNDS.maxBatchBodyBytes} bytes`],
      ['UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json'],
      ...DATA_PROBLEMS,
    ),
  ];
}

export function describeBatches(): void {
  describe(
    BatchController,
    'get',
    ApiOperation({
      operationId: 'batchGet',
      summary: 'Read many entries',
      description: `${LIMITS} Values beyond ${REST_BOUNDS.maxBatchReplyBytes} bytes in total have the status 413.`,
    }),
    ...batch(
      'BatchGet',
      [{ key: 'user:1' }, { key: '/wA=', key_encoding: 'base64', encoding: 'base64' }],
      [
        { key: 'user:1', key_encoding: 'utf8', status: 200, value: 'Ada', encoding: 'utf8', etag: ETAG, ttl_ms: null },
        { key: '/wA=', key_encoding: 'base64', status: 404 },
      ],
      0,
    ),
  );
  describe(
    BatchController,
    'set',
    ApiOperation({ operationId: 'batchSet', summary: 'Write many entries', description: LIMITS }),
    ...batch(
      'BatchSet',
      [
        { key: 'user:1', value: 'Ada', ttl_ms: 60_000 },
        { key: 'photo:1', value: '/9j/4A==', encoding: 'base64' },
      ],
      [
        { key: 'user:1', key_encoding: 'utf8', status: 201, etag: ETAG },
        { key: 'photo:1', key_encoding: 'utf8', status: 503, error: problem('CLUSTER_DOWN', 'The cluster is down') },
      ],
      1,
    ),
  );
  describe(
    BatchController,
    'delete',
    ApiOperation({ operationId: 'batchDelete', summary: 'Delete many entries', description: LIMITS }),
    ...batch(
      'BatchDelete',
      [{ key: 'user:1' }, { key: 'user:2' }],
      [
        { key: 'user:1', key_encoding: 'utf8', status: 204 },
        { key: 'user:2', key_encoding: 'utf8', status: 404 },
      ],
      0,
    ),
  );
}
