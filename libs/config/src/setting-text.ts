/** Values of settings as text, in the form in which files, variables and CONFIG SET take them. */
import type { Setting } from './setting.js';
import { formatBytes } from './values.js';

export function settingText(setting: Setting, value: unknown): string {
  if (typeof value === 'number' && /such as .*kb/.test(setting.allowed)) return formatBytes(value);
  if (Array.isArray(value))
    return value.every((item) => typeof item === 'string') ? value.join(',') : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  return Object.entries(value)
    .map(([key, inner]) => `${key}=${String(inner)}`)
    .join(',');
}
