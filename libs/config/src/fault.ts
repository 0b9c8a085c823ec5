/** A fault of one setting, which knows where that was set. */
export type Fault = (path: string, value: unknown, allowed: string) => string;

/** Answers where a path was set, undefined for what has its default. */
export type OriginOf = (path: string) => string | undefined;
