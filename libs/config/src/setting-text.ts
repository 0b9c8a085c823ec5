/** Values of settings as text, in the form in which files, variables and CONFIG SET take them. */
import { snakeCase, type Setting } from './setting.js';
import { formatBytes } from './values.js';

export function settingText(setting: Setting, value: unknown): string {
  if (setting.element !== undefined) return JSON.stringify(withKeys(value));
  if (typeof value === 'number' && /such as .*kb/.test(setting.allowed)) return formatBytes(value);
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return Object.entries(value)
    .map(([key, inner]) => `${key}=${String(inner)}`)
    .join(',');
}

/** Elements of lists with keys as in the file, without what is left out. */
function withKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([property, inner]) => [snakeCase(property), withKeys(inner)]));
}
