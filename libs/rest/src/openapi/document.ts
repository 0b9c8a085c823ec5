/** Makes the OpenAPI document. Loaded when the documentation is first asked for, since it brings @nestjs/swagger along. */
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { RestModule } from '../rest-module.js';
import { describeBatches } from './batch-api.js';
import { describeCluster } from './cluster-api.js';
import { describeClusterOperations } from './cluster-operations-api.js';
import { describeConfig } from './config-api.js';
import { describeKeys } from './keys-api.js';
import { describeStores } from './stores-api.js';
import { SCHEMAS } from './schemas.js';

const DESCRIPTION = [
  'Entries, stores and the cluster of HyperCache over HTTP.',
  'Values and keys are bytes; every failure is a problem document (RFC 9457) with a `code` for programs and',
  '`retriable` where nothing was executed. Where tokens are configured (`security.rest_tokens`), requests carry one as',
  '`Authorization: Bearer`.',
].join('\n');

const SECURITY_SCHEME = 'token';

let isDescribed = false;

export function createDocument(app: INestApplication, version: string): OpenAPIObject {
  describeOnce();
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('HyperCache')
    .setDescription(DESCRIPTION)
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'This gateway')
    .addTag('keys', 'Single entries')
    .addTag('batches', 'Many entries in one request')
    .addTag('stores', 'Stores: how they are defined, and how full they are')
    .addTag('cluster', 'Nodes and partitions')
    .addTag('config', 'Settings')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'One of security.rest_tokens' }, SECURITY_SCHEME)
    .addSecurityRequirements(SECURITY_SCHEME)
    .build();
  const document = SwaggerModule.createDocument(app, config, { include: [RestModule], autoTagControllers: false });
  document.components = { ...document.components, schemas: { ...SCHEMAS } };
  return document;
}

/** The decorators leave their marks on classes, which all applications of a process share. */
function describeOnce(): void {
  if (isDescribed) return;
  isDescribed = true;
  describeKeys();
  describeBatches();
  describeStores();
  describeCluster();
  describeClusterOperations();
  describeConfig();
}
