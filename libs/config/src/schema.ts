/** The schema as flat rows, one per setting, made from the section classes: what files, variables and flags refer to. */
import { HyperCacheConfig } from './hypercache-config.js';
import { sectionsOf, settingsOf, type SectionClass, type Setting } from './setting.js';

export interface SettingRow {
  /** As it stands in errors: `network.resp_port`. */
  readonly path: string;
  /** Properties that lead to it from the root. */
  readonly properties: readonly string[];
  readonly setting: Setting;
  readonly defaultValue: unknown;
  /** Environment variables that set it, strongest first. */
  readonly variables: readonly string[];
  /** Without the dashes. */
  readonly flag: string;
}

export interface SectionRow {
  readonly path: string;
  readonly doc: string;
  readonly settings: readonly SettingRow[];
}

/** Sections in the order of the class, those within a section after its own settings. */
export const SECTIONS: readonly SectionRow[] = sectionRows();
export const SETTINGS: readonly SettingRow[] = SECTIONS.flatMap((section) => section.settings);

function sectionRows(): SectionRow[] {
  const root = new HyperCacheConfig();
  const rows = walk(HyperCacheConfig, root, [], [], '');
  const byPath = new Map(rows.map((row) => [row.path, row]));
  // The root's own settings (`stores`) come as a section of that name, where the class has them.
  return [...Object.keys(root).filter((property) => property !== 'origin')].flatMap((property) => {
    const own = byPath.get('')?.settings.find((row) => row.setting.property === property);
    if (own !== undefined) return [{ path: '', doc: '', settings: [own] }];
    return rows.filter((row) => row.path === property || row.path.startsWith(`${property}.`));
  });
}

function walk(
  type: SectionClass,
  defaults: object,
  keys: readonly string[],
  properties: readonly string[],
  doc: string,
): SectionRow[] {
  const own = settingsOf(type).map((setting): SettingRow => {
    const path = [...keys, setting.key];
    return {
      path: path.join('.'),
      properties: [...properties, setting.property],
      setting,
      defaultValue: Reflect.get(defaults, setting.property),
      variables: [...new Set([`HC_${path.join('_').toUpperCase()}`, ...(setting.notes.env ?? [])])],
      flag: setting.notes.flag ?? path.join('-').replaceAll('_', '-'),
    };
  });
  const inner = sectionsOf(type).flatMap((section) =>
    walk(
      section.type,
      Reflect.get(defaults, section.property),
      [...keys, section.key],
      [...properties, section.property],
      section.doc,
    ),
  );
  return [{ path: keys.join('.'), doc, settings: own }, ...inner];
}
