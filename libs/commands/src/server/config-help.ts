import { defineGatewayCommand } from '../define-command.js';
import { replyHelp } from '../help-reply.js';

/** CONFIG HELP */
export const configHelp = defineGatewayCommand({
  id: 135,
  name: 'config|help',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '5.0.0',
  summary: 'Returns a text about the subcommands.',
  complexity: 'O(1)',
  run: (context) => replyHelp(context, 'CONFIG', LINES),
});

const LINES = [
  'GET <pattern> [<pattern> ...]',
  '    Return the settings whose names match, with their values.',
  'SET <name> <value> [<name> <value> ...]',
  '    Change settings: all of them or none.',
  'RESETSTAT',
  '    Reset the statistics that INFO reports.',
  'REWRITE',
  '    Not supported: the configuration file belongs to the operator.',
];
