/** Why the listener could not start, in one line that says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    super(`cannot listen for Redis clients on ${host}:${port}: ${advice(host, port, cause)}`, { cause });
  }
}

function advice(host: string, port: number, cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case 'EADDRINUSE':
      return `port ${port} is in use; stop the program that has it or choose another port`;
    case 'EACCES':
      return `port ${port} needs more rights; choose one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine; 0.0.0.0 stands for all of them`;
    default:
      return cause.message;
  }
}
