import { assert } from '#libs/kernel';
import { NO_KEYS } from './command-row.js';
import type { CommandRow } from './command-row.js';
import type { ContainerCommand, GatewayCommand, StorageCommand } from './command.js';

/**
 * How a command's row is made: what most rows share is filled in, and what would make a row contradict itself is
 * refused when the module loads.
 */
type DefaultedFields = 'keys' | 'keyAccess' | 'arguments' | 'categories' | 'tips';
type Row<C extends CommandRow> = Omit<C, DefaultedFields | 'route'> & Partial<Pick<C, DefaultedFields>>;

const DEFAULTS = { keys: NO_KEYS, keyAccess: [], arguments: [], categories: [], tips: [] } as const;

export function defineStorageCommand(row: Row<StorageCommand> & Pick<StorageCommand, 'route'>): StorageCommand {
  const command: StorageCommand = { ...DEFAULTS, ...row };
  assertRow(command);
  const merges = command.route === 'split' || command.route === 'all';
  assert(merges === (command.merge !== undefined), `${command.name}: exactly split and all commands have a merge`);
  return command;
}

export function defineGatewayCommand(row: Row<GatewayCommand>): GatewayCommand {
  const command: GatewayCommand = { ...DEFAULTS, ...row, route: 'gateway' };
  assertRow(command);
  return command;
}

export function defineContainerCommand(row: Omit<Row<ContainerCommand>, 'container' | 'arity'>): ContainerCommand {
  const command: ContainerCommand = { ...DEFAULTS, ...row, arity: -2, route: 'gateway', container: true };
  assertRow(command);
  return command;
}

function assertRow(command: CommandRow): void {
  const { name, keys, keyAccess } = command;
  assert(/^[a-z._-]+(\|[a-z-]+)?$/.test(name), `${name}: a command's name is lower case`);
  assert((keys.first === 0) === (keyAccess.length === 0), `${name}: keys and their access go together`);
  assert(Number.isInteger(command.id) && command.id > 0 && command.id < 0x10000, `${name}: ids have 16 bits`);
}
