import { EntryHeader } from './record.js';

/**
 * What {@link StoreEngine.read} fills: where an entry's parts lie. One object is reused for many reads. The bytes are
 * the engine's own: read-only, and gone at the next mutation of the store.
 */
export class EntryView extends EntryHeader {
  buffer: Uint8Array = new Uint8Array(0);
  /** The whole EntrySet body, ready to be copied into a log record, a frame or a snapshot. */
  bodyOffset = 0;
  /** Low 16 bits of the shard's sequence at the last mutation. */
  version = 0;
}
