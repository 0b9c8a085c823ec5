/**
 * Every failure of the API leaves as a problem document. The filter is the application's global one, so that unknown
 * routes pass here too; what other modules answer on their own paths (health checks say 503 in their own format) is
 * left to Nest.
 */
import { type ArgumentsHost, Catch, HttpException, Inject, Injectable } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import type { Response } from 'express';
import { failure, type Problem, problem, PROBLEM_CONTENT_TYPE, ProblemException, problemOfStatus } from './problem.js';
import { contextOf, type RestRequest } from './request-context.js';
import { API_PREFIX, REST_OPTIONS, type RestOptions } from './rest-options.js';
import { methodsAt } from './routes.js';

@Catch()
@Injectable()
export class ProblemFilter extends BaseExceptionFilter {
  constructor(
    @Inject(HttpAdapterHost) adapterHost: HttpAdapterHost,
    @Inject(REST_OPTIONS) private readonly options: RestOptions,
  ) {
    super(adapterHost.httpAdapter);
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<RestRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    if (isLeftToNest(error, request)) return super.catch(error, host);
    const failed = this.problemOf(error, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const [name, value] of Object.entries(failed.headers)) response.setHeader(name, value);
    sendProblem(response, { ...failed.problem, correlation_id: contextOf(request).correlationId });
  }

  private problemOf(error: unknown, request: RestRequest): ProblemException {
    if (error instanceof ProblemException) return error;
    if (isNotFound(error)) return this.routeProblem(request);
    if (error instanceof HttpException && error.getStatus() < 500) {
      return new ProblemException(problemOfStatus(error.getStatus(), error.message));
    }
    const { correlationId } = contextOf(request);
    this.options.logger.log('ERROR', 'HTTP_API', 'a request failed', {
      correlationId,
      operation: request.method,
      success: false,
      error,
    });
    return new ProblemException(problem('INTERNAL', 'see the gateway’s log for this correlation id'));
  }

  private routeProblem(request: RestRequest): ProblemException {
    const methods = methodsAt(request.path);
    if (methods === undefined) {
      return failure('UNKNOWN_ROUTE', `no route for ${request.method} on this path; /docs lists all`);
    }
    const allowed = methods.join(', ');
    return failure('METHOD_NOT_ALLOWED', `${request.method} is not allowed here; allowed: ${allowed}`, {
      Allow: allowed,
    });
  }
}

export function sendProblem(response: Response, body: Problem): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.statusCode = body.status;
  response.setHeader('Content-Type', PROBLEM_CONTENT_TYPE);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Length', bytes.length);
  response.removeHeader('ETag');
  response.end(bytes);
}

function isNotFound(error: unknown): boolean {
  return error instanceof HttpException && error.getStatus() === 404;
}

function isLeftToNest(error: unknown, request: RestRequest): boolean {
  if (error instanceof ProblemException || request.url.startsWith(`/${API_PREFIX}/`)) return false;
  return error instanceof HttpException && !(isNotFound(error) && error.message.startsWith('Cannot '));
}
