/**
 * How charts look: the same shapes in a light and a dark reader. Vega writes colours as attributes; a style sheet in the
 * file replaces them where the reader prefers dark, since rules of a style sheet go before attributes.
 */

/** By use, the colour on a light ground and the one on a dark ground. */
const COLORS = {
  ground: ['#ffffff', '#0d1117'],
  text: ['#1f2328', '#e6edf3'],
  faint: ['#d1d9e0', '#3d444d'],
} as const;

/** Of series, told apart by people who are colour-blind too (Okabe and Ito, "Color Universal Design", 2008). */
const SERIES = [
  ['#0072b2', '#58b4ef'],
  ['#d55e00', '#f28a3c'],
  ['#009e73', '#3fc79f'],
  ['#b5628f', '#e09fc2'],
  ['#8a6d00', '#e3bd3a'],
  ['#5a5f66', '#a5acb5'],
  ['#4b3fa0', '#9c92ef'],
] as const;

const FONT = 'sans-serif';

/** For Vega-Lite's `config`. */
export const THEME = {
  background: COLORS.ground[0],
  font: FONT,
  padding: 12,
  view: { stroke: COLORS.faint[0] },
  title: { color: COLORS.text[0], subtitleColor: COLORS.text[0], anchor: 'start', fontSize: 14, subtitleFontSize: 11 },
  axis: {
    labelColor: COLORS.text[0],
    titleColor: COLORS.text[0],
    gridColor: COLORS.faint[0],
    domainColor: COLORS.faint[0],
    tickColor: COLORS.faint[0],
  },
  header: { labelColor: COLORS.text[0], titleColor: COLORS.text[0] },
  legend: { labelColor: COLORS.text[0], titleColor: COLORS.text[0] },
  text: { color: COLORS.text[0] },
  range: { category: SERIES.map(([light]) => light) },
} as const;

/** The rules that make a light chart a dark one. */
export function darkStyle(): string {
  const pairs = [...Object.values(COLORS), ...SERIES];
  const rules = pairs.map(([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`);
  return `<style>@media (prefers-color-scheme:dark){${rules.join('')}}</style>`;
}
