import type { ArgumentDoc, CommandGroup, CommandRoute, CommandRow } from './command-row.js';
import type { CommandTable } from './command-table.js';

/** The reference of all commands as Markdown, made of the same rows that run them. */

const GROUP_TITLES: Readonly<Record<CommandGroup, string>> = {
  string: 'Strings',
  generic: 'Keys',
  connection: 'Connections',
  server: 'Server',
  cluster: 'Cluster',
  store: 'Stores',
  hypercache: 'HyperCache',
};

const ROUTE_NOTES: Readonly<Record<CommandRoute, string>> = {
  gateway: 'answered by the gateway',
  key: 'runs at the primary of its key; several keys must lie in one partition',
  split: 'split by key, so its keys may lie in any partitions; not atomic over them',
  all: 'runs at every primary',
  cursor: 'runs partition by partition, as its cursor goes on',
};

export function renderCommandReference(table: CommandTable): string {
  const rows = table.all().filter((row) => !('container' in row));
  const groups = (Object.keys(GROUP_TITLES) as CommandGroup[]).filter((group) =>
    rows.some((row) => row.group === group),
  );
  const sections = groups.map((group) => renderGroup(group, rows));
  const intro = `${rows.length} commands. This file is generated from the command table.`;
  return `# Commands\n\n${intro}\n\n${sections.join('\n')}`;
}

function renderGroup(group: CommandGroup, rows: readonly CommandRow[]): string {
  const entries = rows.filter((row) => row.group === group).map(renderCommand);
  return `## ${GROUP_TITLES[group]}\n\n${entries.join('\n')}`;
}

function renderCommand(row: CommandRow): string {
  const facts = [
    `- since: ${row.since === 'hypercache' ? 'HyperCache' : `Redis ${row.since}`}`,
    `- complexity: ${row.complexity}`,
    `- where: ${ROUTE_NOTES[row.route]}`,
  ];
  if (row.deprecated) facts.push(`- deprecated since Redis ${row.deprecated.since}: use ${row.deprecated.replacedBy}`);
  return `### ${spokenName(row)}\n\n\`${syntax(row)}\`\n\n${row.summary}\n\n${facts.join('\n')}\n`;
}

function spokenName(row: CommandRow): string {
  return row.name.replace('|', ' ').toUpperCase();
}

function syntax(row: CommandRow): string {
  return [spokenName(row), ...row.arguments.map(argumentSyntax)].join(' ');
}

function argumentSyntax(argument: ArgumentDoc): string {
  const inner = argument.token === undefined ? bareSyntax(argument) : tokenSyntax(argument, argument.token);
  const repeated = argument.multiple ? `${inner} [${inner} ...]` : inner;
  return argument.optional ? `[${repeated}]` : repeated;
}

function tokenSyntax(argument: ArgumentDoc, token: string): string {
  return argument.type === 'pure-token' ? token : `${token} ${bareSyntax(argument)}`;
}

function bareSyntax(argument: ArgumentDoc): string {
  const parts = (argument.arguments ?? []).map(argumentSyntax);
  if (argument.type === 'oneof') return `<${parts.join(' | ')}>`;
  if (argument.type === 'block') return parts.join(' ');
  return argument.name;
}
