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
  '    Change settings on every node: all of them or none. The value "default" takes a change back.',
  'RESETSTAT',
  '    Reset the statistics that INFO reports.',
  'REWRITE',
  '    Write changed settings into the configuration file of this gateway.',
];
