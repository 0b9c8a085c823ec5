import { defineGatewayCommand } from '../define-command.js';
import { replyHelp } from '../help-reply.js';

/** CLIENT HELP */
export const clientHelp = defineGatewayCommand({
  id: 21,
  name: 'client|help',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'connection',
  since: '5.0.0',
  summary: 'Returns a text about the subcommands.',
  complexity: 'O(1)',
  run: (context) => replyHelp(context, 'CLIENT', LINES),
});

const LINES = [
  'GETNAME',
  '    Return the name of the connection.',
  'ID',
  '    Return the id of the connection.',
  'INFO',
  '    Return what LIST shows about the connection.',
  'KILL <ip:port>',
  '    Close the connection from <ip:port>.',
  'KILL <option> <value> [<option> <value> [...]]',
  '    Close the connections for which all options hold:',
  '    ID <id>, TYPE NORMAL|MASTER|REPLICA|PUBSUB, USER <name>, ADDR <ip:port>, LADDR <ip:port>,',
  '    SKIPME YES|NO (default YES: not this connection).',
  'LIST [TYPE <type> | ID <id> [...]]',
  '    List the connections of this gateway.',
  'NO-EVICT ON|OFF',
  '    Protect the connection from being closed for its memory.',
  'NO-TOUCH ON|OFF',
  '    Keep the reads of the connection from marking keys as used.',
  'REPLY ON|OFF|SKIP',
  '    Control the replies sent to the connection.',
  'SETINFO LIB-NAME|LIB-VER <value>',
  '    Set what the connection tells about its client library.',
  'SETNAME <name>',
  '    Name the connection.',
];
