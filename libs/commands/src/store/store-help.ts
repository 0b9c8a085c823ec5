import { defineGatewayCommand } from '../define-command.js';
import { replyHelp } from '../help-reply.js';

/** STORE HELP */
export const storeHelp = defineGatewayCommand({
  id: 917,
  name: 'store|help',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns a text about the subcommands.',
  complexity: 'O(1)',
  run: (context) => replyHelp(context, 'STORE', LINES),
});

const LINES = [
  'CREATE <name> [<option> <value> ...]',
  '    Create a store on every node. Options are:',
  '    * TYPE general|session|ttl-only',
  '      What it holds; the other options follow from it where they are not given.',
  '    * MAXMEMORY <bytes>',
  '      Memory on each storage node, such as 100mb; 0 for no limit of its own.',
  '    * POLICY <policy>',
  '      What is evicted when it is full; STORE POLICIES lists them.',
  '    * SCOPE all|volatile',
  '      volatile: only entries with an expiry are evicted.',
  '    * TTL <milliseconds>',
  '      Time to live of entries that are written without one.',
  '    * TTLPREFIX <prefix> <milliseconds>|OFF',
  '      The same for keys that begin so; the longest prefix counts. May be repeated.',
  '    * IDLE <milliseconds>, MAXTTL <milliseconds>',
  '      Of session stores: life without use, and at most.',
  '    * FILTER <rate>|ON|OFF',
  '      Answer absent keys from a filter that is wrong at that rate.',
  'ALTER <name> <option> <value> [<option> <value> ...]',
  '    Change a store while it is in use, by the same options.',
  'DROP <name>',
  '    Drop a store with all its entries.',
  'LIST',
  '    Return the definitions of all stores.',
  'INFO <name>',
  '    Return the definition and the statistics of a store.',
  'POLICIES',
  '    Return the eviction policies.',
];
