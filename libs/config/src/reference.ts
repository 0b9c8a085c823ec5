/** What documents say about the settings, made from the schema so that they cannot disagree. */
import { SECTIONS, type SectionRow, type SettingRow } from './schema.js';
import { sectionsOf, settingsOf, type SectionClass, type Setting } from './setting.js';
import { settingText } from './setting-text.js';

/** The default as documents show it, with code in backticks. */
export function defaultText(row: SettingRow): string {
  return row.setting.notes.defaultText ?? `\`${valueText(row)}\``;
}

function valueText({ setting, defaultValue }: Pick<SettingRow, 'setting' | 'defaultValue'>): string {
  return settingText(setting, defaultValue);
}

const INTRODUCTION = `# Configuration

Generated from the schema in \`libs/config\`; change it there.

Every service reads the same settings: from its defaults, then from a YAML file, then from environment variables, then from
flags; later ones win. The file is the one that \`--config\` or \`HC_CONFIG\` names, else \`configs/hypercache.yaml\` where that
exists. A variable that is empty counts as not set. Settings are checked when a service starts: each fault is one line on
stderr that names the path, the value and what is allowed, and the exit code is 1.

Where the column "run time" says yes, a setting may be changed while the services run, for every node at once: see
[Changes at run time](#changes-at-run-time). All others need a restart of the nodes concerned.

The variables besides the settings are \`HC_CONFIG\` (the file) and \`HC_READY_FILE\` (a file that the service writes once it is
ready: role, node id, process id and the ports that it listens on, as JSON).
`;

const RUN_TIME = `## Changes at run time

\`CONFIG SET <setting> <value> [<setting> <value> …]\` at any gateway, or \`PATCH /api/v1/config\` with a JSON object of
settings and values, changes all of the settings given or none. The coordinator keeps the change; the command returns once
the gateway works by it, and every other node follows as it hears of the cluster's new table. A change wins over file,
environment and flags, and survives restarts. The value \`default\` (\`null\` in REST) takes a change back.

\`\`\`sh
redis-cli CONFIG SET logging.level DEBUG limits.request_timeout_ms 500
redis-cli CONFIG GET 'logging.*'
redis-cli CONFIG SET logging.level default limits.request_timeout_ms default
curl -X PATCH localhost:8080/api/v1/config -H 'content-type: application/json' -d '{"memory.pressure.evict_percent": 92}'
\`\`\`

Redis's names are understood too: \`maxclients\`, \`timeout\`, \`tcp-keepalive\` and \`loglevel\` are settings of ours, and
\`maxmemory\` and \`maxmemory-policy\` are those of the store \`default\` on each storage node. \`appendonly\`, \`save\`,
\`databases\` and a few others answer what they mean here, and cannot be set.

A change that a node cannot follow, because it contradicts a setting of its own or comes from a later release, is left out
there and named in its log.

\`CONFIG REWRITE\` writes the changes into the YAML file that the gateway was started with, keeping its comments, so that
they may be carried to other nodes; it fails where there is no file. Stores are not written: the coordinator keeps them.
`;

/** docs/reference/configuration.md. */
export function renderConfigurationReference(): string {
  return [INTRODUCTION, ...SECTIONS.map(renderSection), RUN_TIME].join('\n');
}

function renderSection(section: SectionRow): string {
  if (section.settings.length === 0) return '';
  const title = section.path === '' ? section.settings[0].path : section.path;
  const lines = [`## \`${title}\``, '', ...(section.doc === '' ? [] : [`${section.doc}.`, ''])];
  lines.push(
    '| setting | meaning | allowed | default | run time | environment | flag |',
    '|---|---|---|---|---|---|---|',
  );
  lines.push(...section.settings.map(renderRow), '');
  for (const { path, setting } of section.settings) {
    if (setting.element !== undefined) lines.push(...ELEMENT_HEAD, ...elementRows(`${path}[]`, setting.element), '');
  }
  return lines.join('\n');
}

function renderRow(row: SettingRow): string {
  const variables = row.variables.map((name) => `\`${name}\``).join(', ');
  const { allowed, notes } = row.setting;
  const runtime = notes.runtime === true ? 'yes' : '';
  return tableRow([`\`${row.path}\``, notes.doc, allowed, defaultText(row), runtime, variables, `\`--${row.flag}\``]);
}

const ELEMENT_HEAD = ['Each element:', '', '| setting | meaning | allowed | default |', '|---|---|---|---|'];

/** Settings of a list's elements, with those of the sections and lists within them. */
function elementRows(path: string, type: SectionClass): string[] {
  const defaults = new type();
  const own = settingsOf(type).flatMap((setting) => {
    const { notes, allowed, element } = setting;
    const at = `${path}.${setting.key}`;
    const text = notes.defaultText ?? `\`${settingText(setting, Reflect.get(defaults, setting.property))}\``;
    const row = tableRow([`\`${at}\``, notes.doc, allowed, text]);
    return element === undefined ? [row] : [row, ...elementRows(`${at}[]`, element)];
  });
  return [...own, ...sectionsOf(type).flatMap((section) => elementRows(`${path}.${section.key}`, section.type))];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const FILE_HEAD = `# HyperCache's settings with their defaults, generated from the schema in libs/config.
# Environment variables (HC_<SECTION>_<KEY>) and flags win over this file; docs/reference/configuration.md lists all.
# Settings that are commented out have no fixed default.
`;

/** configs/hypercache.yaml. */
export function renderDefaultFile(): string {
  const lines: string[] = [FILE_HEAD.trimEnd()];
  for (const section of SECTIONS) {
    const depth = section.path === '' ? 0 : section.path.split('.').length;
    if (section.path !== '') {
      if (depth === 1) lines.push('');
      lines.push(`${'  '.repeat(depth - 1)}${section.path.split('.').at(-1)}: # ${section.doc}`);
    }
    for (const row of section.settings) lines.push(...yamlLines(row, '  '.repeat(depth)));
  }
  return `${lines.join('\n')}\n`;
}

function yamlLines(row: SettingRow, indent: string): string[] {
  const { element, key, notes } = row.setting;
  if (element === undefined || !Array.isArray(row.defaultValue) || row.defaultValue.length === 0) {
    return [settingLine(row.setting, row.defaultValue, indent)];
  }
  const items = row.defaultValue.flatMap((item: object) => {
    const [first, ...others] = elementLines(element, item, `${indent}    `);
    return [`${indent}  - ${first.trimStart()}`, ...others];
  });
  return ['', `${indent}${key}: # ${plain(notes.doc)}`, ...items];
}

function elementLines(type: SectionClass, item: object, indent: string): string[] {
  const own = settingsOf(type).map((setting) => settingLine(setting, Reflect.get(item, setting.property), indent));
  const inner = sectionsOf(type).flatMap((section) => [
    `${indent}${section.key}: # ${plain(section.doc)}`,
    ...elementLines(section.type, Reflect.get(item, section.property) as object, `${indent}  `),
  ]);
  return [...own, ...inner];
}

/** Commented out where the default is no fixed value. */
function settingLine(setting: Setting, value: unknown, indent: string): string {
  const { doc, defaultText: text } = setting.notes;
  const line = `${setting.key}:${value === undefined ? '' : ` ${yamlValue(setting, value)}`} # ${plain(doc)}`;
  return text === undefined ? indent + line : `${indent}# ${line} Default: ${plain(text)}.`;
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

function yamlValue(setting: Setting, value: unknown): string {
  if (value === '') return "''";
  if (Array.isArray(value) && setting.element === undefined) return `[${settingText(setting, value)}]`;
  return typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : settingText(setting, value);
}
