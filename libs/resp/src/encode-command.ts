import { ByteWriter, latin1Bytes, utf8Bytes } from '#libs/kernel';

/** A command as a multibulk; strings are encoded as UTF-8. For tools, tests and REST, not for the data path. */
export function encodeCommand(parts: readonly (Uint8Array | string)[]): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(latin1Bytes(`*${parts.length}\r\n`));
  for (const part of parts) {
    const bytes = typeof part === 'string' ? utf8Bytes(part) : part;
    writer.bytes(latin1Bytes(`$${bytes.length}\r\n`));
    writer.bytes(bytes);
    writer.bytes(CRLF);
  }
  return writer.toBytes();
}

const CRLF = latin1Bytes('\r\n');
