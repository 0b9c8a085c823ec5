/** Charts as SVG, without a browser: Vega-Lite describes, Vega draws. The same chart gives the same bytes. */
import { parse, resetSVGDefIds, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { darkStyle, THEME } from './theme.js';

export type ChartSpec = TopLevelSpec;

export async function renderSvg(spec: ChartSpec): Promise<string> {
  // Names of clipping paths are counted over the process; each file counts for itself.
  resetSVGDefIds();
  const view = new View(parse(compile(spec, { config: THEME }).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return `${svg.replace(/^<svg[^>]*>/, (head) => `${head}${darkStyle()}`)}\n`;
  } finally {
    view.finalize();
  }
}
