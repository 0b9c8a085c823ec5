import type { ReplyWriter } from '#libs/resp';
import type { ArgumentDoc, CommandRow } from '../command-row.js';
import type { CommandDirectory } from '../gateway-context.js';

/** One command's name and documentation as COMMAND DOCS prints them: a map's key and its value. */
export function writeCommandDocs(reply: ReplyWriter, table: CommandDirectory, command: CommandRow): void {
  const { deprecated } = command;
  const subcommands = table.subcommands(command);
  const hasArguments = command.arguments.length > 0;
  reply.bulkText(command.name);
  reply.mapHeader(4 + (deprecated ? 3 : 0) + (hasArguments ? 1 : 0) + (subcommands.length > 0 ? 1 : 0));
  writeText(reply, 'summary', command.summary);
  writeText(reply, 'since', command.since);
  writeText(reply, 'group', command.group);
  writeText(reply, 'complexity', command.complexity);
  if (deprecated) {
    writeFlags(reply, 'doc_flags', ['deprecated']);
    writeText(reply, 'deprecated_since', deprecated.since);
    writeText(reply, 'replaced_by', deprecated.replacedBy);
  }
  if (hasArguments) writeArguments(reply, command.arguments);
  if (subcommands.length === 0) return;
  reply.bulkText('subcommands');
  reply.mapHeader(subcommands.length);
  for (const subcommand of subcommands) writeCommandDocs(reply, table, subcommand);
}

function writeArguments(reply: ReplyWriter, list: readonly ArgumentDoc[]): void {
  reply.bulkText('arguments');
  reply.arrayHeader(list.length);
  for (const argument of list) writeArgument(reply, argument);
}

function writeArgument(reply: ReplyWriter, argument: ArgumentDoc): void {
  const { token, since } = argument;
  const isKey = argument.type === 'key';
  const flags = [...(argument.optional ? ['optional'] : []), ...(argument.multiple ? ['multiple'] : [])];
  const optionalFields = [isKey, token !== undefined, since !== undefined, flags.length > 0, argument.arguments];
  reply.mapHeader(2 + optionalFields.filter(Boolean).length);
  writeText(reply, 'name', argument.name);
  writeText(reply, 'type', argument.type);
  if (isKey) {
    reply.bulkText('key_spec_index');
    reply.integer(argument.keySpec ?? 0);
  }
  if (token !== undefined) writeText(reply, 'token', token);
  if (since !== undefined) writeText(reply, 'since', since);
  if (flags.length > 0) writeFlags(reply, 'flags', flags);
  if (argument.arguments) writeArguments(reply, argument.arguments);
}

function writeText(reply: ReplyWriter, name: string, value: string): void {
  reply.bulkText(name);
  reply.bulkText(value);
}

function writeFlags(reply: ReplyWriter, name: string, flags: readonly string[]): void {
  reply.bulkText(name);
  reply.setHeader(flags.length);
  for (const flag of flags) reply.simple(flag);
}
