/** From what stands in a file, a variable or a flag to a value; undefined where it is not one. */
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40 };

export function parseInteger(raw: unknown): number | undefined {
  const value = typeof raw === 'string' && /^\s*[+-]?\d{1,16}\s*$/.test(raw) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

/** A decimal number: `0.01`, `1e-4`. */
export function parseNumber(raw: unknown): number | undefined {
  const isDecimal = typeof raw === 'string' && /^\s*[+-]?\d{1,16}(?:\.\d{1,16})?(?:e[+-]?\d{1,3})?\s*$/i.test(raw);
  const value = isDecimal ? Number(raw) : raw;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Bytes of `256mb`, `1.5gb` or a plain number; units are powers of 1024, as Redis's. */
export function parseBytes(raw: unknown): number | undefined {
  if (typeof raw !== 'string') return parseInteger(raw);
  const match = /^\s*(\d{1,16}(?:\.\d{1,6})?)\s*([kmgt]?b)?\s*$/i.exec(raw);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * UNITS[(match[2] ?? '').toLowerCase()];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact text of a size: 268435456 as `256mb`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['tb', 'gb', 'mb', 'kb']) {
    if (bytes > 0 && bytes % UNITS[unit] === 0) return `${bytes / UNITS[unit]}${unit}`;
  }
  return String(bytes);
}

export function parseBoolean(raw: unknown): boolean | undefined {
  if (typeof raw === 'boolean') return raw;
  const text = String(raw).toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(text)) return true;
  return ['false', 'no', 'off', '0'].includes(text) ? false : undefined;
}

export function parseTextList(raw: unknown): readonly string[] | undefined {
  const list = typeof raw === 'string' ? raw.split(',').map((text) => text.trim()) : raw;
  if (!Array.isArray(list)) return undefined;
  const texts = list.filter((text) => text !== '');
  return texts.every((text) => typeof text === 'string') ? texts : undefined;
}
