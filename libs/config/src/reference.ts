/** What documents say about the settings, made from the schema so that they cannot disagree. */
import { SECTIONS, type SectionRow, type SettingRow } from './schema.js';
import { settingsOf } from './setting.js';
import { formatBytes } from './values.js';

/** The default as documents show it, with code in backticks. */
export function defaultText(row: SettingRow): string {
  return row.setting.notes.defaultText ?? `\`${valueText(row)}\``;
}

function valueText(row: SettingRow): string {
  const value = row.defaultValue;
  if (typeof value === 'number' && /such as .*kb/.test(row.setting.allowed)) return formatBytes(value);
  return Array.isArray(value) ? value.join(',') : String(value);
}

const INTRODUCTION = `# Configuration

Generated from the schema in \`libs/config\`; change it there.

Every service reads the same settings: from its defaults, then from a YAML file, then from environment variables, then from
flags; later ones win. The file is the one that \`--config\` or \`HC_CONFIG\` names, else \`configs/hypercache.yaml\` where that
exists. A variable that is empty counts as not set. Settings are checked when a service starts: each fault is one line on
stderr that names the path, the value and what is allowed, and the exit code is 1.

The variables besides the settings are \`HC_CONFIG\` (the file) and \`HC_READY_FILE\` (a file that the service writes once it is
ready: role, node id, process id and the ports that it listens on, as JSON).
`;

/** docs/reference/configuration.md. */
export function renderConfigurationReference(): string {
  return [INTRODUCTION, ...SECTIONS.map(renderSection)].join('\n');
}

function renderSection(section: SectionRow): string {
  if (section.settings.length === 0) return '';
  const title = section.path === '' ? section.settings[0].path : section.path;
  const lines = [`## \`${title}\``, '', ...(section.doc === '' ? [] : [`${section.doc}.`, ''])];
  lines.push('| setting | meaning | allowed | default | environment | flag |', '|---|---|---|---|---|---|');
  lines.push(...section.settings.map(renderRow), '');
  for (const row of section.settings) if (row.setting.element !== undefined) lines.push(...renderElement(row), '');
  return lines.join('\n');
}

function renderRow(row: SettingRow): string {
  const variables = row.variables.map((name) => `\`${name}\``).join(', ');
  const { allowed, notes } = row.setting;
  return tableRow([`\`${row.path}\``, notes.doc, allowed, defaultText(row), variables, `\`--${row.flag}\``]);
}

function renderElement(row: SettingRow): string[] {
  const element = row.setting.element;
  if (element === undefined) return [];
  const defaults = new element();
  const rows = settingsOf(element).map((setting) =>
    tableRow([
      `\`${row.path}[].${setting.key}\``,
      setting.notes.doc,
      setting.allowed,
      `\`${valueText({ ...row, setting, defaultValue: Reflect.get(defaults, setting.property) })}\``,
    ]),
  );
  return ['Each element:', '', '| setting | meaning | allowed | default |', '|---|---|---|---|', ...rows];
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
  const { key, notes, element } = row.setting;
  const comment = notes.doc.replaceAll('`', '');
  if (element !== undefined && Array.isArray(row.defaultValue) && row.defaultValue.length > 0) {
    return [
      '',
      `${indent}${key}: # ${comment}`,
      ...row.defaultValue.flatMap((item) => elementLines(row, item, indent)),
    ];
  }
  const line = `${key}: ${yamlValue(row)} # ${comment}`;
  if (notes.defaultText === undefined) return [indent + line];
  return [`${indent}# ${line} Default: ${notes.defaultText.replaceAll('`', '')}.`];
}

function elementLines(row: SettingRow, item: object, indent: string): string[] {
  const element = row.setting.element;
  return (element === undefined ? [] : settingsOf(element)).map((setting, i) => {
    const value = yamlValue({ ...row, setting, defaultValue: Reflect.get(item, setting.property) });
    return `${indent}  ${i === 0 ? '-' : ' '} ${setting.key}: ${value} # ${setting.notes.doc.replaceAll('`', '')}`;
  });
}

function yamlValue(row: SettingRow): string {
  const value = row.defaultValue;
  if (value === '') return "''";
  if (Array.isArray(value)) return `[${valueText(row)}]`;
  return typeof value === 'object' ? JSON.stringify(value) : valueText(row);
}
