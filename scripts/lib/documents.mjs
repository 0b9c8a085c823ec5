// The documents that are made from the code: where each lies, which lib knows its content, and what it asks that lib for.
// `npm run docs` writes them from the compiled libs; test/documents.unit.spec.ts compares them with the sources.
import { renderMetricsReference } from './metrics-reference.mjs';

/** Commands are rows of a table, so the reference needs a table to walk. */
const commandReference = ({ renderCommandReference, CommandTable, ALL_COMMANDS }) =>
  renderCommandReference(new CommandTable(ALL_COMMANDS));

/** @type {readonly { path: string, lib: string, render: (lib: object) => string }[]} */
export const DOCUMENTS = [
  { path: 'docs/reference/commands.md', lib: 'commands', render: commandReference },
  { path: 'docs/reference/configuration.md', lib: 'config', render: (lib) => lib.renderConfigurationReference() },
  { path: 'docs/reference/metrics.md', lib: 'metrics-prom', render: (lib) => renderMetricsReference(lib.METRICS) },
  { path: 'configs/hypercache.yaml', lib: 'config', render: (lib) => lib.renderDefaultFile() },
];
