/**
 * What a storage node must know to read its own log: how many partitions there are, the seed of the keys' hash, the stores.
 * Kept beside the log as a cluster table without members and owners, which a coordinator tells anew; replaced as a whole,
 * before the first event of a new store.
 */
import { type ClusterTable, decodeClusterTable, encodeClusterTable, settledPartition } from '#libs/cluster';
import { ByteReader, ByteWriter, crc32, DecodeError, equalBytes } from '#libs/kernel';
import type { Disk } from '#libs/ports';

const TABLE_FILE = 'stores.table';
const CHECKSUM_BYTES = 4;

export class SavedTable {
  private saved: Uint8Array = new Uint8Array(0);

  constructor(private readonly disk: Disk) {}

  /** Undefined where this node has never been in a cluster. */
  load(done: (error: Error | undefined, table?: ClusterTable) => void): void {
    this.disk.readFile(TABLE_FILE, (error, bytes) => {
      if (error?.code === 'not-found') return done(undefined);
      if (error !== undefined) return done(error);
      try {
        const table = decodeClusterTable(checked(bytes));
        this.saved = bytes;
        done(undefined, table);
      } catch (cause) {
        if (!(cause instanceof DecodeError)) throw cause;
        done(new Error(`${TABLE_FILE} in the data folder does not read: ${cause.message}`, { cause }));
      }
    });
  }

  /** Whether a table says something that is not in the file yet. */
  isNews(table: ClusterTable): boolean {
    const bytes = essenceOf(table);
    return bytes.length !== this.saved.length || !equalBytes(bytes, 0, this.saved, 0, bytes.length);
  }

  save(table: ClusterTable, done: (error: Error | undefined) => void): void {
    const bytes = essenceOf(table);
    this.disk.writeFileAtomic(TABLE_FILE, bytes, (error) => {
      if (error === undefined) this.saved = bytes;
      done(error);
    });
  }
}

/** What follows the checksum. */
function checked(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== crc32(bytes, CHECKSUM_BYTES)) throw new DecodeError('its checksum differs');
  return bytes.subarray(CHECKSUM_BYTES);
}

function essenceOf(table: ClusterTable): Uint8Array {
  const partition = settledPartition(1, []);
  const bytes = encodeClusterTable({
    ...table,
    tableVersion: 1,
    nodes: [],
    settings: [],
    partitions: table.partitions.map(() => partition),
  });
  const writer = new ByteWriter(CHECKSUM_BYTES + bytes.length);
  writer.u32(crc32(bytes));
  writer.bytes(bytes, 0, bytes.length);
  return writer.toBytes();
}
