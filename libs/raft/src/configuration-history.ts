import { ENTRY_TYPES, type Entry } from './entry.js';
import { decodeConfiguration, NO_MEMBERS, type Configuration } from './configuration.js';

interface Step {
  readonly index: number;
  readonly configuration: Configuration;
}

/**
 * The configurations of the log. One counts from the moment its entry is in the log, committed or not (thesis §4.1), so
 * that whoever can win an election uses it; when the entry is replaced the one before counts again. Bounded: between
 * the snapshot's and the newest there are at most as many as were committed since, and one more.
 */
export class ConfigurationHistory {
  /** Ascending; the first is that of the snapshot. */
  private steps: Step[] = [{ index: 0, configuration: NO_MEMBERS }];

  get current(): Configuration {
    return this.steps[this.steps.length - 1].configuration;
  }

  /** Where the current one stands in the log. */
  get currentIndex(): number {
    return this.steps[this.steps.length - 1].index;
  }

  /** The one that would count again if the current one's entry were replaced; the current one where none is left. */
  get previous(): Configuration {
    return (this.steps[this.steps.length - 2] ?? this.steps[0]).configuration;
  }

  /** The one that counted at `index`, which must not lie before the oldest one kept. */
  at(index: number): Configuration {
    return (this.steps.findLast((step) => step.index <= index) ?? this.steps[0]).configuration;
  }

  reset(index: number, configuration: Configuration): void {
    this.steps = [{ index, configuration }];
  }

  append(entries: readonly Entry[]): void {
    for (const { type, index, data } of entries) {
      if (type === ENTRY_TYPES.CONFIGURATION) this.steps.push({ index, configuration: decodeConfiguration(data) });
    }
  }

  /** The entries from `index` on are gone. */
  truncate(index: number): void {
    while (this.steps.length > 1 && this.currentIndex >= index) this.steps.pop();
  }

  /** Nothing before `index` is asked for any more. */
  forgetBefore(index: number): void {
    while (this.steps.length > 1 && this.steps[1].index <= index) this.steps.shift();
  }
}
