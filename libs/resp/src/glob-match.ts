const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;

const NO_MATCH = -1;

/**
 * Glob patterns exactly as Redis's `stringmatchlen` reads them: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, `\x`; a class
 * may lack its `]`, range ends may be swapped and compare as signed bytes, and no pattern but the empty one matches an
 * empty text (KEYS and SCAN take a lone `*` for "everything" before they come here).
 *
 * Iterative: after a mismatch only the last star is tried again, one byte later. No earlier star can help, since the
 * pieces between stars were found at their earliest places. Time is at most pattern × text, never exponential.
 */
export function globMatch(
  pattern: Uint8Array,
  buffer: Uint8Array,
  offset = 0,
  length: number = buffer.length - offset,
): boolean {
  const patternEnd = pattern.length;
  const end = offset + length;
  if (length === 0) return patternEnd === 0;
  let at = offset;
  let next = 0;
  let afterStar = -1;
  let starAt = 0;
  while (at < end) {
    if (next < patternEnd && pattern[next] === STAR) {
      next = skipStars(pattern, next);
      if (next === patternEnd) return true;
      afterStar = next;
      starAt = at;
      continue;
    }
    const matched = next < patternEnd ? matchByte(pattern, next, buffer[at]) : NO_MATCH;
    if (matched !== NO_MATCH) {
      next = matched;
      at++;
    } else {
      if (afterStar < 0) return false;
      next = afterStar;
      at = ++starAt;
    }
  }
  return skipStars(pattern, next) === patternEnd;
}

function skipStars(pattern: Uint8Array, from: number): number {
  let at = from;
  while (at < pattern.length && pattern[at] === STAR) at++;
  return at;
}

/** Where the pattern goes on after the element at `at` has matched `byte`, or NO_MATCH. */
function matchByte(pattern: Uint8Array, at: number, byte: number): number {
  const first = pattern[at];
  if (first === QUESTION) return at + 1;
  if (first === OPEN) return matchClass(pattern, at + 1, byte);
  const literal = first === BACKSLASH && at + 1 < pattern.length ? at + 1 : at;
  return pattern[literal] === byte ? literal + 1 : NO_MATCH;
}

function matchClass(pattern: Uint8Array, from: number, byte: number): number {
  const end = pattern.length;
  const isNegated = from < end && pattern[from] === CARET;
  let at = isNegated ? from + 1 : from;
  let isMember = false;
  while (at < end && pattern[at] !== CLOSE) {
    if (pattern[at] === BACKSLASH && at + 1 < end) {
      at++;
      isMember ||= pattern[at] === byte;
    } else if (at + 2 < end && pattern[at + 1] === DASH) {
      isMember ||= isBetween(byte, pattern[at], pattern[at + 2]);
      at += 2;
    } else {
      isMember ||= pattern[at] === byte;
    }
    at++;
  }
  return isMember === isNegated ? NO_MATCH : Math.min(end, at + 1);
}

/** C's char is signed where Redis mostly runs. */
function isBetween(byte: number, oneEnd: number, otherEnd: number): boolean {
  const value = (byte << 24) >> 24;
  const a = (oneEnd << 24) >> 24;
  const b = (otherEnd << 24) >> 24;
  return value >= Math.min(a, b) && value <= Math.max(a, b);
}
