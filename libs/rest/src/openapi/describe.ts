/**
 * The decorators of @nestjs/swagger, applied from outside: the package takes as long to load as all the rest of a
 * gateway, so controllers do not import it, and it is loaded when the documentation is first asked for.
 */
import { ApiHeader, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { problem, PROBLEM_CONTENT_TYPE, type ProblemCode } from '../problem.js';
import { CORRELATION_HEADER } from '../request-context.js';
import { ref, type Schema, SCHEMAS } from './schemas.js';

type Controller = abstract new (...args: never[]) => object;

/** Decorates a method of a controller as if the decorators stood on it. */
export function describe<C extends Controller>(
  controller: C,
  method: keyof InstanceType<C> & string,
  ...decorators: readonly MethodDecorator[]
): void {
  const prototype = controller.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
  if (descriptor === undefined) throw new Error(`${controller.name} has no method ${method}`);
  for (const decorate of decorators) decorate(prototype, method, descriptor);
}

export function jsonResponse(
  status: number,
  description: string,
  schema: keyof typeof SCHEMAS,
  example: unknown,
): MethodDecorator {
  return ApiResponse({ status, description, content: { 'application/json': { schema: ref(schema), example } } });
}

/** A response header for {@link ApiResponse}. */
export function header(description: string, example: string | number): Record<string, unknown> {
  return { description, schema: { type: typeof example === 'number' ? 'integer' : 'string' }, example };
}

export type ProblemExample = readonly [code: ProblemCode, detail: string];

/** One response per status, with an example per code. */
export function problemResponses(...rows: readonly ProblemExample[]): MethodDecorator[] {
  const byStatus = new Map<number, ProblemExample[]>();
  for (const row of rows) {
    const { status } = problem(...row);
    byStatus.set(status, [...(byStatus.get(status) ?? []), row]);
  }
  return [...byStatus].map(([status, group]) => {
    const made = group.map((row) => problem(...row));
    const examples = Object.fromEntries(made.map((each) => [each.code, { summary: each.title, value: each }]));
    const description = made.map((each) => each.title).join('; ');
    return ApiResponse({
      status,
      description,
      content: { [PROBLEM_CONTENT_TYPE]: { schema: ref('Problem'), examples } },
    });
  });
}

/** What every operation may answer. */
export const COMMON_PROBLEMS = [
  ['UNAUTHORIZED', 'send a token in the header Authorization: Bearer'],
  ['INTERNAL', 'see the gateway’s log for this correlation id'],
] as const satisfies readonly ProblemExample[];

/** What every operation on entries may answer. */
export const DATA_PROBLEMS = [
  ['UNKNOWN_STORE', 'there is no store "sesions"; stores: default, sessions'],
  ['CLUSTER_DOWN', 'The cluster is down'],
  ['TRY_AGAIN', 'The partition is changing its owner, try again'],
  ['BUSY', 'too many operations in flight'],
  ['TIMEOUT', 'no answer from the storage node within the deadline; the outcome is unknown'],
  ...COMMON_PROBLEMS,
] as const satisfies readonly ProblemExample[];

/** Headers that every operation takes. */
export function commonHeaders(): MethodDecorator[] {
  return [
    requestHeader(CORRELATION_HEADER, 'Correlation id; made where it is missing, and echoed.', 'a3f1'),
    requestHeader('traceparent', 'W3C trace context.', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
  ];
}

export function requestHeader(name: string, description: string, example: string): MethodDecorator {
  return ApiHeader({ name, description, required: false, schema: { type: 'string', example } });
}

export function query(
  name: string,
  description: string,
  schema: Schema,
  example: string | number | boolean,
): MethodDecorator {
  return ApiQuery({ name, description, required: false, schema: { ...schema, example } });
}
