import { defineGatewayCommand } from '../define-command.js';
import { replyHelp } from '../help-reply.js';

/** COMMAND HELP */
export const commandHelp = defineGatewayCommand({
  id: 106,
  name: 'command|help',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '5.0.0',
  summary: 'Returns a text about the subcommands.',
  complexity: 'O(1)',
  categories: ['connection'],
  run: (context) => replyHelp(context, 'COMMAND', LINES),
});

const LINES = [
  '(no subcommand)',
  '    Return details about all commands.',
  'COUNT',
  '    Return the number of commands.',
  'DOCS [<command-name> ...]',
  '    Return the documentation of commands, of all where none is named.',
  'GETKEYS <full-command>',
  '    Return the keys of a full command.',
  'INFO [<command-name> ...]',
  '    Return details about commands, about all where none is named.',
  'LIST [FILTERBY MODULE <name>|ACLCAT <category>|PATTERN <pattern>]',
  '    Return the names of commands.',
];
