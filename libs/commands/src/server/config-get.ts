import { latin1Bytes, utf8Bytes } from '#libs/kernel';
import { globMatch } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { argumentText } from '../request.js';

/** CONFIG GET pattern…: a map of the settings whose names match any pattern, whatever its case. */
export const configGet = defineGatewayCommand({
  id: 131,
  name: 'config|get',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '2.0.0',
  summary: 'Returns settings and their values.',
  complexity: 'O(N) where N is the number of settings.',
  arguments: [{ name: 'parameter', type: 'block', multiple: true, arguments: [{ name: 'parameter', type: 'string' }] }],
  run,
});

const MAX_PATTERNS = 256;

function run(context: GatewayContext): void {
  const { reply, request, settings } = context;
  const patterns: Uint8Array[] = [];
  for (let i = 2; i < Math.min(request.count, MAX_PATTERNS + 2); i++) {
    patterns.push(latin1Bytes(argumentText(request, i).toLowerCase()));
  }
  const matching = [...settings.all()].filter(([name]) => {
    const bytes = utf8Bytes(name);
    return patterns.some((pattern) => globMatch(pattern, bytes, 0, bytes.length));
  });
  reply.mapHeader(matching.length);
  for (const [name, value] of matching) {
    reply.bulkText(name);
    reply.bulk(utf8Bytes(value));
  }
}
