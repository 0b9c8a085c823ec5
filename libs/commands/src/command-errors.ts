import type { CommandRow } from './command-row.js';
import type { CommandTable } from './command-table.js';
import { quotedText } from './request.js';
import type { Request } from './request.js';

/** Errors about the request as a whole, in Redis 7.0's words; texts without the leading `-`. */

const MAX_NAME_CHARS = 128;
const MAX_ARGUMENTS_CHARS = 128;

/** For a request that {@link CommandTable.lookup} does not find. */
export function unknownCommandText(table: CommandTable, request: Request): string {
  const name = quotedText(request, 0, MAX_NAME_CHARS);
  if (request.count > 1 && table.namesContainer(request)) {
    const subcommand = quotedText(request, 1, MAX_NAME_CHARS);
    return `ERR unknown subcommand '${subcommand}'. Try ${name.toUpperCase()} HELP.`;
  }
  let shown = '';
  for (let i = 1; i < request.count && shown.length < MAX_ARGUMENTS_CHARS; i++) {
    shown += `'${quotedText(request, i, MAX_ARGUMENTS_CHARS - shown.length)}' `;
  }
  return `ERR unknown command '${name}', with args beginning with: ${shown}`;
}

/** For a request that `arityMatches` refuses. */
export function wrongArityText(command: CommandRow): string {
  return `ERR wrong number of arguments for '${command.name}' command`;
}
