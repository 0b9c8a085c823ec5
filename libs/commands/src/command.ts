import type { CommandRoute, CommandRow } from './command-row.js';
import type { GatewayContext } from './gateway-context.js';
import type { StorageContext } from './storage-context.js';

/** What an execution yields: finished, or what it waits for before it runs again or answers. */
export type Outcome = 'done' | 'wait-commit' | 'wait-disk' | 'wait-key' | 'wait-parts';

export interface GatewayCommand extends CommandRow {
  readonly route: 'gateway';
  readonly run: (context: GatewayContext) => void;
}

export interface StorageCommand extends CommandRow {
  readonly route: Exclude<CommandRoute, 'gateway'>;
  readonly execute: (context: StorageContext) => Outcome;
}

/** A name that only holds subcommands, such as CLIENT. */
export interface ContainerCommand extends CommandRow {
  readonly route: 'gateway';
  readonly container: true;
}

export type Command = GatewayCommand | StorageCommand | ContainerCommand;
