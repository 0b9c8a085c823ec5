/**
 * Where an element lies; one object is reused for many. A hash has key (field) and value, a set only the key, a sorted
 * set key (member) and score, a list only the value. The bytes are the engine's own: read-only, and gone at the next
 * change of the store.
 */
const NO_BYTES = new Uint8Array(0);

export class ElementView {
  keyBuffer: Uint8Array = NO_BYTES;
  keyOffset = 0;
  keyLength = 0;
  valueBuffer: Uint8Array = NO_BYTES;
  valueOffset = 0;
  valueLength = 0;
  score = 0;
}
