/** Tables for a terminal, and the formats of the numbers in them. */

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export const left = (title: string): Column => ({ title, align: 'left' });
export const right = (title: string): Column => ({ title, align: 'right' });

const GAP = '  ';

/** One line per row below the titles and a rule; a row may be shorter than the columns. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) =>
        align === 'left' ? (cells[i] ?? '').padEnd(widths[i]) : (cells[i] ?? '').padStart(widths[i]),
      )
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join(GAP);
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join('\n');
}

/** 123,456 */
export const formatCount = (value: number): string => Math.round(value).toLocaleString('en-US');

export const formatFixed = (value: number, digits: number): string => value.toFixed(digits);

/** Three digits, so that 0.897 does not pass for the 0.9 that it misses. */
export const formatRatio = (value: number): string => `${value.toFixed(3)}×`;

export const formatPercent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

export const formatMebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
