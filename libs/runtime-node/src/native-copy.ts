import { useCopy } from '#libs/kernel';

/**
 * Node's memcpy for the kernel: about 40 ns for up to a few hundred bytes, as a sub-array and `set` cost, but without an
 * object per call, which on the hot path is most of the garbage. Called once when a process starts.
 */
export function useNativeCopy(): void {
  const { copy } = Buffer.prototype;
  useCopy((source, sourceOffset, target, targetOffset, length) => {
    copy.call(source, target, targetOffset, sourceOffset, sourceOffset + length);
  });
}
