/** NATS's rules of subjects: tokens joined by `.`; in a pattern `*` stands for one token, a last `>` for one or more. */
const SUBJECT = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const PATTERN = /^(?:[^\s.>]+\.)*(?:[^\s.>]+|>)$/;

export function isSubject(text: string): boolean {
  return SUBJECT.test(text);
}

export function isPattern(text: string): boolean {
  return PATTERN.test(text);
}

export function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '>') return subject.length > i;
    if (i >= subject.length || (pattern[i] !== '*' && pattern[i] !== subject[i])) return false;
  }
  return pattern.length === subject.length;
}
