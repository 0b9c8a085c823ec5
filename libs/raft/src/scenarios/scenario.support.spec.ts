/** A named history: what a reader can follow in its transcript, and a spec repeats. */
export interface Scenario {
  /** Of the transcript's file too. */
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly shows: string;
  /** Plays it and expects what must come of it; answers the transcript. */
  readonly play: () => readonly string[];
}

/** A message's fields that no scenario cares for. */
export const VOTE = { type: 'vote-request', pre: false, transfer: true } as const;
