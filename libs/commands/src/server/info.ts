import { utf8Bytes } from '#libs/kernel';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext, ServerInfo } from '../gateway-context.js';
import { argumentText } from '../request.js';

/** INFO [section…]: `field:value` lines under a title per section; unknown sections are left out. */
export const info = defineGatewayCommand({
  id: 120,
  name: 'info',
  arity: -1,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '1.0.0',
  summary: 'Returns information and statistics about the server.',
  complexity: 'O(1)',
  arguments: [{ name: 'section', type: 'string', optional: true, multiple: true }],
  categories: ['dangerous'],
  tips: ['nondeterministic_output'],
  run,
});

const MAX_SECTION_ARGUMENTS = 64;

function run(context: GatewayContext): void {
  const { reply, request } = context;
  const names: string[] = [];
  for (let i = 1; i < Math.min(request.count, MAX_SECTION_ARGUMENTS + 1); i++) {
    names.push(argumentText(request, i).toLowerCase());
  }
  reply.verbatim('txt', utf8Bytes(renderInfo(context.info, names)));
}

/** The text of the named sections in the server's own order; `default`, `all` and `everything` stand for several. */
export function renderInfo(source: ServerInfo, names: readonly string[]): string {
  const wanted = new Set(names);
  const everything = wanted.has('all') || wanted.has('everything');
  const defaults = new Set(wanted.size === 0 || wanted.has('default') ? source.defaultSections : []);
  return source.sections
    .filter((section) => everything || defaults.has(section) || wanted.has(section.toLowerCase()))
    .map((section) => renderSection(source, section))
    .join('\r\n');
}

function renderSection(source: ServerInfo, section: string): string {
  const title = section.charAt(0).toUpperCase() + section.slice(1);
  const lines = source.render(section).map(([field, value]) => `${field}:${value}\r\n`);
  return `# ${title}\r\n${lines.join('')}`;
}
