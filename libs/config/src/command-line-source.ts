/** Settings from flags: one per setting, listed with its default by `--help`. */
import { Command, CommanderError, Option } from 'commander';
import { ConfigError, HelpRequested } from './config-error.js';
import { parseStructure } from './environment-source.js';
import type { Role } from './hypercache-config.js';
import { defaultText } from './reference.js';
import { SECTIONS, SETTINGS } from './schema.js';
import type { Layer, LayerValue } from './layer.js';

export interface CommandLine {
  readonly layer: Layer;
  /** Of `--config`. */
  readonly configFile: string | undefined;
}

/** `argv` begins after the script's name. Throws ConfigError and HelpRequested. */
export function readCommandLine(argv: readonly string[], role: Role): CommandLine {
  const command = describe(role);
  let output = '';
  command.exitOverride().configureOutput({
    writeOut: (text) => (output += text),
    writeErr: () => undefined,
    getOutHelpWidth: () => 120,
  });
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) throw new HelpRequested(output);
    throw new ConfigError([error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')]);
  }
  return toLayer(command.opts<Record<string, string>>());
}

function toLayer(options: Readonly<Record<string, string>>): CommandLine {
  const layer = new Map<string, LayerValue>();
  for (const row of SETTINGS) {
    const text = options[row.flag];
    if (text === undefined) continue;
    const value = row.setting.element === undefined ? text : parseStructure(text);
    layer.set(row.path, { value, origin: `--${row.flag}` });
  }
  return { layer, configFile: options['config'] };
}

function describe(role: Role): Command {
  const command = new Command(`hypercache-${role}`)
    .description(`HyperCache, role ${role}. Flags win over environment variables, and those over the file.`)
    .allowExcessArguments(false)
    .addOption(
      new Option('--config <file>', 'YAML file of settings (HC_CONFIG)').default(undefined, 'configs/hypercache.yaml'),
    );
  for (const section of SECTIONS) {
    for (const row of section.settings) {
      const description = `${row.setting.notes.doc} (${row.variables.join(', ')}; default: ${defaultText(row)})`;
      command.addOption(
        new FlagOption(`--${row.flag} <value>`, description.replaceAll('`', '')).helpGroup(
          `${section.path || row.path}:`,
        ),
      );
    }
  }
  return command;
}

/** Keeps the flag's own name as the name of the option, in place of its camel case. */
class FlagOption extends Option {
  override attributeName(): string {
    return this.name();
  }
}
