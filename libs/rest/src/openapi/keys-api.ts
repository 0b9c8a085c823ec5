/** What the documentation says of single entries. */
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CREATED_HEADER, TTL_HEADER } from '../expiry.js';
import { KeysController } from '../keys-controller.js';
import { REST_BOUNDS } from '../rest-options.js';
import { commonHeaders, DATA_PROBLEMS, describe, header, problemResponses, query, requestHeader } from './describe.js';
import { KEY_PATH_ENCODING_SCHEMA, ref } from './schemas.js';

const ETAG = '"0001-9f86d081884c7d65"';
const BYTES = { schema: { type: 'string', format: 'binary', example: 'hello' } } as const;
const JSON_ENTRY = {
  schema: ref('Entry'),
  example: {
    key: 'dXNlcjox',
    value: 'aGVsbG8=',
    encoding: 'base64',
    etag: ETAG.slice(1, -1),
    ttl_ms: 60_000,
    created_at_ms: 1_767_322_800_123,
    modified_at_ms: 1_767_322_807_000,
  },
};
const INTEGER = { type: 'integer', minimum: 1 };

const ENTRY_HEADERS = {
  ETag: header('Version of the entry.', ETAG),
  [TTL_HEADER]: header('Milliseconds left; missing where the entry stays.', 60_000),
  [CREATED_HEADER]: header(
    'When it was created, since 1970; missing where the store keeps no timestamps.',
    1_767_322_800_123,
  ),
  'Last-Modified': header('When it was changed last; missing as above.', 'Fri, 02 Jan 2026 03:00:07 GMT'),
};

const INVALID_KEY = ['INVALID_REQUEST', 'key is "%zz"; allowed: percent-encoded bytes, such as %2F'] as const;
const WRONG_TYPE = ['WRONG_TYPE', 'Operation against a key holding the wrong kind of value'] as const;
const STALE = ['PRECONDITION_FAILED', 'the entry is not the expected version'] as const;
const MISSING = ['NO_SUCH_KEY', 'the store has no entry under this key'] as const;

function keyInputs(): MethodDecorator[] {
  return [
    ApiTags('keys'),
    ApiParam({ name: 'store', description: 'Name of a store.', schema: { type: 'string', example: 'default' } }),
    ApiParam({
      name: 'key',
      description: 'The rest of the path: any bytes, percent-encoded. A slash may stand as it is.',
      schema: { type: 'string', example: 'user:1' },
    }),
    query('encoding', 'How the key is written in the path.', KEY_PATH_ENCODING_SCHEMA, 'percent'),
    query('database', 'Database of the store `default`.', { type: 'integer', minimum: 0, maximum: 15, default: 0 }, 0),
    ...commonHeaders(),
  ];
}

function readInputs(): MethodDecorator[] {
  return [
    ...keyInputs(),
    requestHeader('If-None-Match', 'Versions that the client has: 304 where one is still the current one.', ETAG),
    requestHeader('If-Match', 'Versions that the client expects: 412 where it is another one.', ETAG),
    ApiResponse({
      status: 304,
      description: 'The client’s version is the current one',
      headers: { ETag: ENTRY_HEADERS.ETag },
    }),
    ...problemResponses(INVALID_KEY, MISSING, STALE, WRONG_TYPE, ...DATA_PROBLEMS),
  ];
}

export function describeKeys(): void {
  describe(
    KeysController,
    'get',
    ApiOperation({
      operationId: 'getEntry',
      summary: 'Read an entry',
      description: `The value's bytes; with \`Accept: application/json\` an object, for values up to ${REST_BOUNDS.maxJsonValueBytes} bytes.`,
    }),
    ApiResponse({
      status: 200,
      description: 'The entry',
      headers: ENTRY_HEADERS,
      content: { 'application/octet-stream': BYTES, 'application/json': JSON_ENTRY },
    }),
    ...problemResponses([
      'NOT_ACCEPTABLE',
      'the value is too long to be shown as JSON; ask for application/octet-stream',
    ]),
    ...readInputs(),
  );
  describe(
    KeysController,
    'head',
    ApiOperation({
      operationId: 'headEntry',
      summary: 'Read an entry’s headers',
      description: 'As GET, without the value.',
    }),
    ApiResponse({ status: 200, description: 'The entry exists', headers: ENTRY_HEADERS }),
    ...readInputs(),
  );
  describeWrites();
}

function describeWrites(): void {
  describe(
    KeysController,
    'put',
    ApiOperation({
      operationId: 'putEntry',
      summary: 'Write an entry',
      description: 'The body is the value: its bytes are stored as they come, whatever their content type.',
    }),
    ApiConsumes('application/octet-stream'),
    ApiBody({ description: 'The value, up to limits.max_value_bytes', ...BYTES, required: true }),
    ...keyInputs(),
    query('ttl', 'Time to live in seconds.', INTEGER, 60),
    query('ttl_ms', 'Time to live in milliseconds.', INTEGER, 60_000),
    query('keep_ttl', 'Leave the time to live as it is.', { type: 'boolean', default: false }, true),
    requestHeader(TTL_HEADER, 'Time to live in milliseconds.', '60000'),
    requestHeader('If-Match', 'Replace only this version; `*` for any, but do not create.', ETAG),
    requestHeader('If-None-Match', 'Only `*`: create, but do not replace.', '*'),
    ApiResponse({ status: 201, description: 'The entry was created', headers: { ETag: ENTRY_HEADERS.ETag } }),
    ApiResponse({ status: 204, description: 'The entry was replaced', headers: { ETag: ENTRY_HEADERS.ETag } }),
    ...problemResponses(
      ['INVALID_REQUEST', 'ttl is "soon"; allowed: seconds, an integer from 1'],
      STALE,
      ['BODY_TOO_LARGE', 'the body is longer than 67108864 bytes'],
      ['UNSUPPORTED_MEDIA_TYPE', 'Content-Encoding is not taken: it would be lost, for values are stored as sent'],
      WRONG_TYPE,
      ['OUT_OF_MEMORY', "command not allowed when used memory > 'maxmemory'."],
      [
        'ENTRY_TOO_LARGE',
        "the entry is too large for its store: 70000 bytes, and store 'web' may use 65536 on this node",
      ],
      ...DATA_PROBLEMS,
    ),
  );
  describe(
    KeysController,
    'delete',
    ApiOperation({ operationId: 'deleteEntry', summary: 'Delete an entry' }),
    ...keyInputs(),
    requestHeader('If-Match', 'Delete only this version; `*` for any.', ETAG),
    ApiResponse({ status: 204, description: 'The entry was deleted' }),
    ...problemResponses(INVALID_KEY, MISSING, STALE, WRONG_TYPE, ...DATA_PROBLEMS),
  );
}
