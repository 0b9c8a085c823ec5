/**
 * What accompanies a request from its first to its last byte: its correlation id, its key as bytes, and where it is
 * sampled its span. Installed before Nest's router, since that would refuse keys that are not UTF-8.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { SPANS, type Span, type TraceContext } from '#libs/ports';
import { parseTraceparent } from '#libs/telemetry-otel';
import { API_PREFIX, REST_BOUNDS, type RestOptions } from './rest-options.js';

export interface RequestContext {
  readonly correlationId: string;
  /** Of sampled requests only. */
  readonly trace: TraceContext | undefined;
  /** The key's part of the path as it came, still encoded; undefined on other paths. */
  readonly encodedKey: string | undefined;
}

export interface RestRequest extends Request {
  rest?: RequestContext;
}

export const CORRELATION_HEADER = 'X-Request-Id';
const CORRELATION_HEADERS = [CORRELATION_HEADER.toLowerCase(), 'x-correlation-id'] as const;
const CORRELATION_ID = new RegExp(`^[\\x21-\\x7e]{1,${REST_BOUNDS.maxCorrelationIdChars}}$`);

/** Health checks and the documentation are not traced. */
const API_PATH = `/${API_PREFIX}/`;

/** Everything up to a key, and the key: the rest of the path, slashes included. */
const KEY_PATH = new RegExp(`^(/${API_PREFIX}/stores/[^/?]+/keys/)([^?]+)`);
/** Stands in the URL in the key's place from here on. */
const KEY_PLACEHOLDER = 'key';

export function requestContext(options: RestOptions) {
  return (request: RestRequest, response: Response, next: NextFunction): void => {
    const key = KEY_PATH.exec(request.url);
    if (key !== null) request.url = key[1] + KEY_PLACEHOLDER + request.url.slice(key[0].length);
    const span = sampledSpan(options, request);
    const correlationId = correlationIdOf(request.headers) ?? (span ? traceIdOf(span.context) : randomUUID());
    request.rest = { correlationId, trace: span?.context, encodedKey: key?.[2] };
    response.setHeader(CORRELATION_HEADER, correlationId);
    if (span) finishWithResponse(options, span, request, response, correlationId);
    else if (options.logsEveryRequest()) logWithResponse(options, request, response, correlationId);
    next();
  };
}

/** The context of a request that came through {@link requestContext}. */
export function contextOf(request: RestRequest): RequestContext {
  if (request.rest === undefined) throw new Error('setUpRest was not called on this application');
  return request.rest;
}

function correlationIdOf(headers: IncomingHttpHeaders): string | undefined {
  for (const name of CORRELATION_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && CORRELATION_ID.test(value)) return value;
  }
  return undefined;
}

function sampledSpan({ telemetry, clock }: RestOptions, request: RestRequest): Span | undefined {
  if (!telemetry.enabled || !request.url.startsWith(API_PATH)) return undefined;
  const header = request.headers.traceparent;
  const parent = typeof header === 'string' ? parseTraceparent(header) : undefined;
  if (parent?.sampled !== true && !telemetry.shouldSample(clock.monotonicMs())) return undefined;
  return telemetry.startSpan(SPANS.restRequest, 'server', parent?.context, { 'http.request.method': request.method });
}

/** Ends the span and writes the request's line once the response has been sent, or its connection has gone. */
function finishWithResponse(
  { clock, logger }: RestOptions,
  span: Span,
  request: RestRequest,
  response: Response,
  correlationId: string,
): void {
  const startedMs = clock.monotonicMs();
  response.once('close', () => {
    const status = response.statusCode;
    const success = status < 500 && response.writableFinished;
    const route = routeOf(request);
    span.setAttribute('http.route', route);
    span.setAttribute('http.response.status_code', status);
    span.setAttribute('hypercache.correlation_id', correlationId);
    span.end(success ? undefined : response.writableFinished ? `HTTP ${status}` : 'the client went away');
    if (!logger.isEnabled('INFO', 'HTTP_API')) return;
    const ids = { correlationId, traceId: traceIdOf(span.context), spanId: hex(span.context.spanId) };
    const durationMs = clock.monotonicMs() - startedMs;
    const operation = `${request.method} ${route}`;
    logger.log('INFO', 'HTTP_API', 'request', { ...ids, operation, durationMs, success, details: { status } });
  });
}

/** The line of a request that has no span. */
function logWithResponse(
  { clock, logger }: RestOptions,
  request: RestRequest,
  response: Response,
  correlationId: string,
): void {
  if (!logger.isEnabled('DEBUG', 'HTTP_API')) return;
  const startedMs = clock.monotonicMs();
  response.once('close', () => {
    const { statusCode: status, writableFinished } = response;
    const durationMs = clock.monotonicMs() - startedMs;
    const operation = `${request.method} ${routeOf(request)}`;
    const success = status < 500 && writableFinished;
    logger.log('DEBUG', 'HTTP_API', 'request', { correlationId, operation, durationMs, success, details: { status } });
  });
}

/** The pattern that matched, so that keys do not make up names of their own. */
function routeOf(request: RestRequest): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'none';
}

function traceIdOf(context: TraceContext): string {
  return hex(context.traceId);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
