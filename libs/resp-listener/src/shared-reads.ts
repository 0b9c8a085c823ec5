import net from 'node:net';

/**
 * Reads into one buffer for all connections. A socket that `net.Server` accepts allocates a new buffer for every read and passes
 * it through a stream; `net.Socket`'s own `onread` option avoids both, which is a seventh to a fifth of a gateway's processor
 * time per request, but the server offers no way to set it. So the accepted socket's handle is given to a new socket that has it.
 *
 * `_handle` and the option `handle` are not documented (Node's own server uses them so); where they are missing, or for
 * TLS, connections are read as streams.
 */
const READ_BUFFER_BYTES = 64 * 1024;
const shared = new Uint8Array(READ_BUFFER_BYTES);

interface WithHandle {
  _handle?: object | null;
}

/** Where the bytes of a socket go; set once its owner is there. */
export class SharedReader {
  onChunk: (chunk: Uint8Array) => void = () => undefined;

  /** Bound once per connection; answers true to go on reading. */
  readonly read = (length: number, buffer: Uint8Array): boolean => {
    this.onChunk(buffer.subarray(0, length));
    return true;
  };
}

/** The accepted connection as a socket that reads by `reader`, or undefined where this Node does not allow it. */
export function withSharedReads(accepted: net.Socket, reader: SharedReader): net.Socket | undefined {
  const donor = accepted as unknown as WithHandle;
  const handle = donor._handle;
  if (handle === undefined || handle === null || typeof Reflect.get(handle, 'useUserBuffer') !== 'function')
    return undefined;
  donor._handle = null;
  const options = { handle, allowHalfOpen: true, onread: { buffer: shared, callback: reader.read } };
  const socket = new net.Socket(options as net.SocketConstructorOpts);
  // The server counts the socket that it made.
  socket.once('close', () => accepted.destroy());
  return socket;
}
