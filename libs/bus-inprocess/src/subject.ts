/**
 * Subjects as NATS defines them: tokens joined by `.`; a pattern may use `*` for one token and, as its last
 * token, `>` for one or more.
 */
const SUBJECT = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const PATTERN = /^(?:[^\s.>]+\.)*(?:[^\s.>]+|>)$/;
const WILDCARD = /(?:^|\.)(?:\*|>)(?:\.|$)/;

/** Whether a message may be published to it. */
export function isSubject(text: string): boolean {
  return SUBJECT.test(text);
}

/** Whether it may be subscribed to. */
export function isSubjectPattern(text: string): boolean {
  return PATTERN.test(text);
}

export function hasWildcard(pattern: string): boolean {
  return WILDCARD.test(pattern);
}

/** Whether a subject's tokens match a pattern's. */
export function matchesTokens(pattern: readonly string[], subject: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '>') return subject.length > i;
    if (i >= subject.length) return false;
    if (pattern[i] !== '*' && pattern[i] !== subject[i]) return false;
  }
  return pattern.length === subject.length;
}
