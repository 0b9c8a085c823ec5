import type { CommandRow } from '../command-row.js';
import type { GatewayContext } from '../gateway-context.js';
import { argumentText } from '../request.js';

const MAX_NAME_BYTES = 64;

/** The command that an argument names, subcommands as `client|id`; names are short, so a long argument names none. */
export function namedCommand(context: GatewayContext, index: number): CommandRow | undefined {
  if (context.request.lengths[index] > MAX_NAME_BYTES) return undefined;
  return context.table.byName(argumentText(context.request, index));
}
