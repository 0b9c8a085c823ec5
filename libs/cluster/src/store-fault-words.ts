/** Faults of store definitions in the words of those who wrote them: every way in has names of its own for the fields. */

/** Names by field of a definition, such as `memoryLimitBytes` or `filter.falsePositiveRate`. */
export type StoreFieldWords = Readonly<Record<string, string>>;

/** The reason with the fields that its faults begin with in other words; fields without a word stay. */
export function inWordsOf(words: StoreFieldWords, reason: string): string {
  return reason.replace(/(^|; )([a-z.]+)(?=[ :])/gi, (whole, before: string, field: string) => {
    const word = Object.hasOwn(words, field) ? words[field] : undefined;
    return word === undefined ? whole : before + word;
  });
}
