import type { ReplyWriter } from '#libs/resp';
import { aclCategories } from '../acl-categories.js';
import type { CommandRow } from '../command-row.js';
import { commandTips } from '../command-tips.js';
import type { CommandDirectory } from '../gateway-context.js';

/**
 * One command as COMMAND INFO prints it since Redis 7.0: ten fields, the last its subcommands in the same shape.
 * Clients parse this to find keys and slots, so the shapes are exact: sets in RESP3, words as simple strings.
 */
export function writeCommandInfo(reply: ReplyWriter, table: CommandDirectory, command: CommandRow): void {
  reply.arrayHeader(10);
  reply.bulkText(command.name);
  reply.integer(command.arity);
  writeWords(reply, command.flags);
  reply.integer(command.keys.first);
  reply.integer(command.keys.last);
  reply.integer(command.keys.step);
  writeWords(
    reply,
    aclCategories(command).map((category) => `@${category}`),
  );
  const tips = commandTips(command);
  reply.setHeader(tips.length);
  for (const tip of tips) reply.bulkText(tip);
  writeKeySpecs(reply, command);
  const subcommands = table.subcommands(command);
  reply.setHeader(subcommands.length);
  for (const subcommand of subcommands) writeCommandInfo(reply, table, subcommand);
}

function writeWords(reply: ReplyWriter, words: readonly string[]): void {
  reply.setHeader(words.length);
  for (const word of words) reply.simple(word);
}

/** One specification for all keys, or one for each where their access differs. */
function writeKeySpecs(reply: ReplyWriter, command: CommandRow): void {
  const { keyAccess, keys } = command;
  const separate = keyAccess.length > 1;
  reply.setHeader(keyAccess.length);
  for (const [at, access] of keyAccess.entries()) {
    reply.mapHeader(3);
    reply.bulkText('flags');
    writeWords(reply, access);
    reply.bulkText('begin_search');
    reply.mapHeader(2);
    reply.bulkText('type');
    reply.bulkText('index');
    reply.bulkText('spec');
    writeNumbers(reply, { index: keys.first + at });
    reply.bulkText('find_keys');
    reply.mapHeader(2);
    reply.bulkText('type');
    reply.bulkText('range');
    reply.bulkText('spec');
    const lastKey = keys.last < 0 ? keys.last : keys.last - keys.first;
    writeNumbers(reply, { lastkey: separate ? 0 : lastKey, keystep: keys.step, limit: 0 });
  }
}

function writeNumbers(reply: ReplyWriter, fields: Readonly<Record<string, number>>): void {
  const entries = Object.entries(fields);
  reply.mapHeader(entries.length);
  for (const [name, value] of entries) {
    reply.bulkText(name);
    reply.integer(value);
  }
}
