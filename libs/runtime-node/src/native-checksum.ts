import { crc32 } from 'node:zlib';
import { useCrc32 } from '#libs/kernel';

/** zlib's CRC-32 for long ranges, five times as fast as tables in JavaScript. Called once when a process starts. */
export function useNativeChecksum(): void {
  useCrc32((buffer, offset, length, previous) => crc32(buffer.subarray(offset, offset + length), previous));
}
