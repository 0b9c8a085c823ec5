/**
 * The part of REST that stands before Nest's router: security headers, the request's context, and the documentation.
 * Nest itself must not parse bodies, since a value is stored byte by byte as it came, whatever its content type says.
 */
import type { NestApplicationOptions } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { answerBadRequests } from './bad-requests.js';
import { documentation } from './openapi/documentation.js';
import { requestContext } from './request-context.js';
import { REST_OPTIONS, type RestOptions } from './rest-options.js';

/** What an application that imports RestModule is created with. */
export const REST_APPLICATION_OPTIONS = { bodyParser: false } as const satisfies NestApplicationOptions;

/** Call it once, before the application listens. */
export function setUpRest(app: NestExpressApplication): void {
  const options = app.get<RestOptions>(REST_OPTIONS, { strict: false });
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(helmet(SECURITY_HEADERS));
  app.use(requestContext(options));
  app.use(documentation(app, options.softwareVersion));
  answerBadRequests(app.getHttpServer());
}

/**
 * The gateway speaks plain HTTP, with TLS left to a proxy in front of it: so neither HSTS nor an upgrade of the
 * documentation's own files to HTTPS.
 */
const SECURITY_HEADERS = {
  strictTransportSecurity: false,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      styleSrc: ["'self'", "'unsafe-inline'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
} as const satisfies Parameters<typeof helmet>[0];
