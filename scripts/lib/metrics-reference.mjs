// docs/reference/metrics.md: the metrics that services export, which are those of the table of names that some other lib
// mentions. A name without a user stands for a part that does not exist yet, and is left out.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot, ROOT } from './paths.mjs';

const FOLDERS = ['apps', 'libs'];
const NOT_AN_EXPORTER = /metrics-prom|\.spec\.ts$|node_modules/;
const MENTION = /\bMETRICS\.(\w+)/g;

const INTRODUCTION = `# Metrics

Generated from \`libs/metrics-prom/src/names.ts\` and the files that register them; \`npm run docs\` writes it.

Every service answers \`GET /metrics\` on its admin port (\`network.admin_port\`) in Prometheus's text format. Each metric
carries the labels \`node\` and \`role\`; the \`process_*\` and \`nodejs_*\` metrics of prom-client come along.

| metric | meaning | registered in |
|---|---|---|
`;

/** Key of the table of names → the files that mention it, in order. */
function exporters() {
  const found = new Map();
  for (const folder of FOLDERS) {
    for (const entry of readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })) {
      const path = relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
      if (!entry.isFile() || !path.endsWith('.ts') || NOT_AN_EXPORTER.test(path)) continue;
      for (const [, key] of readFileSync(inRoot(path), 'utf8').matchAll(MENTION)) {
        found.set(key, [...new Set([...(found.get(key) ?? []), path])].toSorted());
      }
    }
  }
  return found;
}

/** @param {Record<string, { name: string, help: string }>} metrics the table of names */
export function renderMetricsReference(metrics) {
  const files = exporters();
  const rows = Object.entries(metrics)
    .filter(([key]) => files.has(key))
    .map(([key, { name, help }]) => {
      const where = files.get(key).map((path) => `\`${path}\``);
      return `| \`${name}\` | ${help} | ${where.join(', ')} |\n`;
    });
  return INTRODUCTION + rows.join('');
}
