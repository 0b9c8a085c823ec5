import { latin1Text } from '#libs/kernel';
import { DATABASE_ERRORS, databaseArgument, isDatabaseError } from '../database-argument.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { integerArgument } from '../number-arguments.js';
import { fail, failWith } from '../replies.js';

/** SELECT index | store: one of the sixteen databases of the default store, or another store by its name. */
export const select = defineGatewayCommand({
  id: 5,
  name: 'select',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Changes the database, or the store, of the connection.',
  complexity: 'O(1)',
  arguments: [{ name: 'index', type: 'integer' }],
  run,
});

/** The store whose keys carry a database number. */
const DEFAULT_STORE = 'default';
const MAX_STORE_NAME_BYTES = 256;

function run(context: GatewayContext): void {
  const { reply, request, session } = context;
  if (integerArgument(request, 1) === undefined) return selectByName(context);
  const database = databaseArgument(request, 1);
  if (isDatabaseError(database)) return void failWith(context, DATABASE_ERRORS[database]);
  if (session.store !== DEFAULT_STORE && !context.selectStore(DEFAULT_STORE))
    return void fail(context, 'UNKNOWN_STORE');
  session.database = database;
  reply.ok();
}

function selectByName(context: GatewayContext): void {
  const { reply, request, session } = context;
  const name = latin1Text(request.buffer, request.offsets[1], Math.min(request.lengths[1], MAX_STORE_NAME_BYTES));
  if (!context.selectStore(name)) return void fail(context, 'UNKNOWN_STORE');
  session.database = 0;
  reply.ok();
}
