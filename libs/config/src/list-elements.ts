/** The elements of list settings: from trees as files and variables give them to what class-transformer takes. */
import { notAllowed } from './config-error.js';
import { sectionsOf, settingsOf, type SectionClass } from './setting.js';
import { suggestionText } from './suggestion.js';
import { isTree } from './yaml-source.js';

export interface ListReading {
  /** Collects one line per unknown key and per element that is none. */
  readonly errors: string[];
  readonly isSecret: boolean;
  originAt(path: string): string | undefined;
}

/** The list's elements with the names of properties in place of keys; what is no list is left to the schema to refuse. */
export function toElements(element: SectionClass, value: unknown, path: string, reading: ListReading): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown, i) => toProperties(element, item, `${path}[${i}]`, reading));
}

function toProperties(type: SectionClass, item: unknown, path: string, reading: ListReading): object {
  if (!isTree(item)) {
    const shown = reading.isSecret ? '***' : item;
    reading.errors.push(notAllowed(path, shown, 'a mapping of settings', reading.originAt(path)));
    return new type();
  }
  const properties: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(item)) {
    const innerPath = `${path}.${key}`;
    const setting = settingsOf(type).find((row) => row.key === key);
    const section = sectionsOf(type).find((row) => row.key === key);
    if (setting === undefined && section === undefined) {
      const known = [...settingsOf(type), ...sectionsOf(type)].map((row) => row.key);
      const origin = reading.originAt(innerPath);
      reading.errors.push(`${innerPath}: no such setting${suggestionText(key, known)} (${origin})`);
    } else if (value !== null && section !== undefined) {
      properties[section.property] = toProperties(section.type, value, innerPath, reading);
    } else if (value !== null && setting !== undefined) {
      const inner = setting.element;
      properties[setting.property] = inner === undefined ? value : toElements(inner, value, innerPath, reading);
    }
  }
  return properties;
}
