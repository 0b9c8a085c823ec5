/** Settings as people see and change them: what configuration, gateway and REST tell each other about them. */

/** A setting with its value as text, as CONFIG GET and REST show it. */
export interface SettingView {
  /** As in the configuration file: `logging.level`. */
  readonly path: string;
  readonly value: string;
  /** What it is where nobody sets it. */
  readonly defaultValue: string;
  /** May be changed while services run. */
  readonly runtime: boolean;
  /** Where the value was set: a line of a file, a variable, a flag, `default`, or that it was changed at run time. */
  readonly origin: string;
}

export interface SettingChange {
  readonly path: string;
  /** Undefined: back to what the nodes were started with. */
  readonly value: string | undefined;
}

export interface SettingFault {
  readonly path: string;
  /** What is wrong, in a sentence that begins in lower case. */
  readonly reason: string;
}
