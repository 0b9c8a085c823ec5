/** How a service says that it is ready: one log line, and a file for whoever started it. */
import { renameSync, writeFileSync } from 'node:fs';
import type { ServiceContext } from './service-context.js';

export interface ReadyReport {
  readonly role: string;
  readonly nodeId: string;
  readonly pid: number;
  /** Ports that are listened on; 0 where not. */
  readonly respPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
}

export function readyReport({ role, nodeId, endpoints }: ServiceContext, pid: number): ReadyReport {
  const { respPort, httpPort, adminPort } = endpoints;
  return { role, nodeId, pid, respPort, httpPort, adminPort };
}

/** Whole or not at all, for a reader that waits for it. */
export function writeReadyFile(file: string, report: ReadyReport): void {
  const temporary = `${file}.${report.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(report)}\n`);
  renameSync(temporary, file);
}
