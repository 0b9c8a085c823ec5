/** What the documentation says of settings. */
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ConfigController } from '../config-controller.js';
import { REST_BOUNDS } from '../rest-options.js';
import { COMMON_PROBLEMS, commonHeaders, describe, jsonResponse, problemResponses } from './describe.js';
import { ref } from './schemas.js';

const SETTING = {
  path: 'logging.level',
  value: 'DEBUG',
  default: 'INFO',
  runtime: true,
  origin: 'changed at run time',
};

export function describeConfig(): void {
  describe(
    ConfigController,
    'read',
    ApiTags('config'),
    ApiOperation({
      operationId: 'getConfig',
      summary: 'List the settings',
      description: 'Every setting of this gateway, with where its value was set. Secrets are masked.',
    }),
    ...commonHeaders(),
    jsonResponse(200, 'All settings', 'Settings', { settings: [SETTING] }),
    ...problemResponses(...COMMON_PROBLEMS),
  );
  describe(
    ConfigController,
    'change',
    ApiTags('config'),
    ApiOperation({
      operationId: 'changeConfig',
      summary: 'Change settings of every node',
      description:
        'All of the given settings or none. Those with `runtime` may be changed; null goes back to what the nodes were ' +
        'started with. Answered once this gateway works by the change.',
    }),
    ...commonHeaders(),
    ApiConsumes('application/json'),
    ApiBody({
      required: true,
      schema: ref('SettingChanges'),
      examples: {
        change: {
          summary: 'Two changes, one taken back',
          value: { 'logging.level': 'DEBUG', 'limits.max_clients': null },
        },
      },
    }),
    jsonResponse(200, 'The settings that were given, as they are now', 'Settings', { settings: [SETTING] }),
    ...problemResponses(
      ['INVALID_REQUEST', 'logging.level is "LOUD"; allowed: one of ERROR, WARN, INFO, DEBUG, TRACE'],
      ['MALFORMED_JSON', 'the body cannot be read as JSON: Unexpected end of JSON input'],
      ['BODY_TOO_LARGE', `the body is longer than ${REST_BOUNDS.maxConfigBodyBytes} bytes`],
      ['UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json'],
      ['CLUSTER_DOWN', 'no coordinator is reachable; nothing was changed'],
      ['TIMEOUT', 'no answer from the coordinator within the deadline; the outcome is unknown'],
      ...COMMON_PROBLEMS,
    ),
  );
}
