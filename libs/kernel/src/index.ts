export { assert, assertNever, AssertionError } from './assert.js';
export { BOUNDS } from './bounds.js';
export { ByteReader, DecodeError } from './byte-reader.js';
export { ByteWriter } from './byte-writer.js';
export {
  concatBytes,
  copyBytes,
  copyWords,
  type CopyRange,
  equalBytes,
  equalsIgnoreCase,
  hexText,
  latin1Bytes,
  latin1Text,
  useCopy,
  utf8Bytes,
  utf8Text,
} from './bytes.js';
export { crc32, type RangeChecksum, useCrc32 } from './crc32.js';
export { ERRORS, errorText, type ErrorCode, type ErrorRow } from './errors.js';
export { crc16, partitionShift, SLOT_COUNT, slotOfKey } from './hash-slot.js';
