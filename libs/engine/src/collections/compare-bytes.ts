/** memcmp with lengths: negative, 0 or positive. A range is before every longer one that it begins. */
export function compareBytes(
  a: Uint8Array,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bOffset: number,
  bLength: number,
): number {
  const length = Math.min(aLength, bLength);
  for (let i = 0; i < length; i++) {
    const difference = a[aOffset + i] - b[bOffset + i];
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** Bytes that both ranges begin with. */
export function commonPrefix(
  a: Uint8Array,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bOffset: number,
  bLength: number,
): number {
  const length = Math.min(aLength, bLength);
  let same = 0;
  while (same < length && a[aOffset + same] === b[bOffset + same]) same++;
  return same;
}
