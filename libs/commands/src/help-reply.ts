import type { GatewayContext } from './gateway-context.js';

/** What `<container> HELP` answers: a line each, between Redis's own first and last ones. */
export function replyHelp(context: GatewayContext, container: string, lines: readonly string[]): void {
  const { reply } = context;
  reply.arrayHeader(lines.length + 3);
  reply.simple(`${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (const line of lines) reply.simple(line);
  reply.simple('HELP');
  reply.simple('    Prints this help.');
}
