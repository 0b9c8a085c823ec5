/** A kind of lives: what a seed draws, how it is lived, and what is told of it. */

export interface AnyPlan {
  readonly seed: number;
  /** Ascending by time. */
  readonly steps: readonly { readonly atMs: number; readonly kind: string }[];
}

export interface AnyResult {
  readonly seed: number;
  /** The promise that was broken; undefined where none was. */
  readonly problem: string | undefined;
  /** When that was, or the end; simulated milliseconds. */
  readonly atMs: number;
}

export interface LifeSuite<P extends AnyPlan> {
  /** As in `--suite`. */
  readonly name: string;
  readonly tells: string;
  /** Moves on whenever seeds come to mean other lives: what was found out about the old ones counts no more. */
  readonly version: number;
  readonly defaultSeconds: number;
  readonly leastSeconds: number;
  readonly mutants: readonly { readonly name: string; readonly tells: string }[];
  /** Lives that the search for a short history may cost. */
  readonly mostShrinkLives: number;
  /** What is counted in results, and what it is called. */
  readonly counts: Readonly<Record<string, string>>;
  draw(seed: number, seconds: number): P;
  /** `mutant` is empty for a healthy life. `tell` hears of everything that happens, a line each. */
  live(plan: P, mutant: string, tell?: (line: string) => void): AnyResult;
  /** How large a plan is, for people. */
  sizeOf(plan: P): string;
  /** Plans that are a little simpler in something else than their steps; each is tried in turn. */
  simpler(plan: P): readonly ((plan: P) => P | undefined)[];
}
