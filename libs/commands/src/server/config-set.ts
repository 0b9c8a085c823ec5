import { utf8Text } from '#libs/kernel';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { fail, failWith } from '../replies.js';
import { argumentBytes, argumentText, quotedText } from '../request.js';

/**
 * CONFIG SET name value…: all of them take effect, or none. Answered once the cluster has the change and this gateway works
 * by it.
 */
export const configSet = defineGatewayCommand({
  id: 132,
  name: 'config|set',
  arity: -4,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '2.0.0',
  summary: 'Changes settings at run time, for every node.',
  complexity: 'O(N) where N is the number of given settings.',
  arguments: [
    {
      name: 'parameter_value',
      type: 'block',
      multiple: true,
      arguments: [
        { name: 'parameter', type: 'string' },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  run,
});

function run(context: GatewayContext): void {
  const { reply, request, settings } = context;
  if (request.count % 2 !== 0) return void fail(context, 'SYNTAX');
  const wanted = new Map<string, string>();
  const known = settings.all();
  for (let i = 2; i < request.count; i += 2) {
    const name = argumentText(request, i).toLowerCase();
    if (!known.has(name)) {
      return void failWith(
        context,
        `ERR Unknown option or number of arguments for CONFIG SET - '${quotedText(request, i)}'`,
      );
    }
    if (wanted.has(name)) return void failWith(context, failure(name, 'duplicate parameter'));
    wanted.set(name, utf8Text(argumentBytes(request, i + 1)));
  }
  const plan = settings.plan(wanted);
  if (!plan.ok) return void failWith(context, failure(plan.name, plan.reason));
  if (plan.changes.length === 0) return reply.ok();
  context.changeCluster(plan.changes, (later, outcome) => {
    if (outcome.ok) later.ok();
    else later.error(refusal(outcome.code, outcome.reason));
  });
}

/** A coordinator that cannot be reached is no fault of the client. */
function refusal(code: string, reason: string): string {
  if (code === 'unavailable' || code === 'no-quorum') return `CLUSTERDOWN ${reason}`;
  return code === 'timeout' ? `TIMEOUT ${reason}` : failure(undefined, reason);
}

function failure(name: string | undefined, reason: string): string {
  const argument = name === undefined ? '' : ` (possibly related to argument '${name}')`;
  return `ERR CONFIG SET failed${argument} - ${reason}`;
}
