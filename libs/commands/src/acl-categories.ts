import type { AclCategory, CommandGroup, CommandRow } from './command-row.js';

/** In the order in which Redis prints them. */
export const ACL_CATEGORIES: readonly AclCategory[] = [
  'keyspace',
  'read',
  'write',
  'string',
  'admin',
  'fast',
  'slow',
  'dangerous',
  'connection',
];

const CATEGORY_OF_GROUP: Partial<Record<CommandGroup, AclCategory>> = {
  string: 'string',
  hypercache: 'string',
  generic: 'keyspace',
  connection: 'connection',
};

/** The ACL categories of a command: those of its flags and its group, and those that its row adds. */
export function aclCategories(command: CommandRow): readonly AclCategory[] {
  const found = new Set<AclCategory>(command.categories);
  const { flags } = command;
  if (flags.includes('readonly')) found.add('read');
  if (flags.includes('write')) found.add('write');
  found.add(flags.includes('fast') ? 'fast' : 'slow');
  if (flags.includes('admin')) found.add('admin').add('dangerous');
  const ofGroup = CATEGORY_OF_GROUP[command.group];
  // A container alone does nothing: only its subcommands belong to the group's category.
  if (ofGroup !== undefined && !('container' in command)) found.add(ofGroup);
  return ACL_CATEGORIES.filter((category) => found.has(category));
}
