import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { failure } from './problem.js';
import { REST_OPTIONS, type RestOptions } from './rest-options.js';

const AUTHORIZATION = /^Bearer +([\x21-\x7e]+) *$/i;
const CHALLENGE = 'Bearer realm="hypercache"';

/**
 * Lets requests with a known bearer token pass, or all where no tokens are configured. Digests are compared, and all
 * of them, so that the time taken tells nothing of a token's length, its beginning or its place in the list.
 */
@Injectable()
export class BearerGuard implements CanActivate {
  private readonly digests: readonly Buffer[];

  constructor(@Inject(REST_OPTIONS) options: RestOptions) {
    this.digests = options.tokens.map(digest);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.digests.length === 0) return true;
    const { authorization } = context.switchToHttp().getRequest<Request>().headers;
    if (authorization === undefined) {
      throw failure('UNAUTHORIZED', 'send a token in the header Authorization: Bearer', {
        'WWW-Authenticate': CHALLENGE,
      });
    }
    if (this.isKnown(AUTHORIZATION.exec(authorization)?.[1] ?? '')) return true;
    throw failure('UNAUTHORIZED', 'the token is not known here', {
      'WWW-Authenticate': `${CHALLENGE}, error="invalid_token"`,
    });
  }

  private isKnown(token: string): boolean {
    const given = digest(token);
    let isKnown = false;
    for (const known of this.digests) if (timingSafeEqual(given, known)) isKnown = true;
    return isKnown;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
