import type { SettingChange, SettingFault, SettingView } from '#libs/ports';

/** The configuration as a gateway sees it; the service that starts the gateway fills it in. */
export interface SettingsSource {
  /** Every setting, with the value that counts now. */
  views(): readonly SettingView[];
  /** What is wrong with changes that are to be made together; empty where nothing is. */
  faultsOf(changes: readonly SettingChange[]): readonly SettingFault[];
  /** Writes what was changed at run time into the file that the service was started with; answers why it could not. */
  rewrite(): string | undefined;
}

/** Redis's words for a server that was started with flags alone. */
export const NO_CONFIG_FILE = 'The server is running without a config file';

/** Of a gateway that nobody configures: tests and the simulator. */
export const NO_SETTINGS: SettingsSource = {
  views: () => [],
  faultsOf: (changes) => changes.map(({ path }) => ({ path, reason: 'no such setting' })),
  rewrite: () => NO_CONFIG_FILE,
};
