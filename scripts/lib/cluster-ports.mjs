// Whether ports are free, asked before anything starts: one line per port that is taken, in place of a process that fails.
import { createServer } from 'node:net';

/** The reason why a port cannot be listened on; undefined when it can. */
function refusal(host, port) {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(error.code));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function message(code, host, port, flag) {
  const other =
    flag === '--nats-port' ? `, or set NATS_URL=nats://${host}:${port} to use the server that runs there` : '';
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use on ${host}: choose another with ${flag}, or 0 for a free one${other}`;
    case 'EACCES':
      return `port ${port} needs more rights: choose one above 1023 with ${flag}`;
    default:
      return `cannot listen on ${host}:${port} (${code}): choose another with --host or ${flag}`;
  }
}

/**
 * @param {{ host: string, port: number, flag: string }[]} wanted ports that are 0 are not asked for
 * @returns {Promise<string[]>} one line per port that cannot be had
 */
export async function takenPorts(wanted) {
  const fixed = wanted.filter(({ port }) => port !== 0);
  const codes = await Promise.all(fixed.map(({ host, port }) => refusal(host, port)));
  return fixed.flatMap(({ host, port, flag }, i) =>
    codes[i] === undefined ? [] : [message(codes[i], host, port, flag)],
  );
}
