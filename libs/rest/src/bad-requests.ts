/**
 * Requests that Node's parser refuses never reach Nest; Node alone would answer them without a body. Here they get the
 * same kind of answer as all others.
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Problem, problem, PROBLEM_CONTENT_TYPE, problemOfStatus } from './problem.js';

interface ParserError extends Error {
  readonly code?: string;
}

export function answerBadRequests(server: Server): void {
  server.on('clientError', (error: ParserError, socket: Duplex) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    socket.end(responseText(problemOfParser(error.code)));
  });
}

function problemOfParser(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return problemOfStatus(431, 'path and headers are too long; a long key fits the body of a batch');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problemOfStatus(408, 'the request took too long to arrive');
  return problem('INVALID_REQUEST', 'the request is not HTTP');
}

function responseText(body: Problem): string {
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${body.status} ${body.code}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    '',
    text,
  ].join('\r\n');
}
