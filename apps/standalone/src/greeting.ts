import type { RunningService } from '#libs/service';

/** Where to connect, and one line to try. */
export function greeting({ context, report }: RunningService, startMs: number): string {
  const { host } = context.config.network;
  const places = [
    ...(report.respPort === 0 ? [] : [`RESP ${host}:${report.respPort}`]),
    ...(report.httpPort === 0 ? [] : [`HTTP http://${host}:${report.httpPort}`]),
    `admin http://${host}:${report.adminPort}`,
  ];
  const lines = [`HyperCache standalone ready in ${(startMs / 1000).toFixed(1)} s: ${places.join(', ')}`];
  if (report.respPort !== 0) lines.push(`Try: redis-cli -p ${report.respPort} set hello world`);
  return `${lines.join('\n')}\n`;
}
