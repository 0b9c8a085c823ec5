import { LOG_COMPONENTS, LOG_LEVELS, type LogComponent, type LogLevel } from '#libs/ports';
import { BooleanSetting, ChoiceSetting, TextListSetting } from './setting-types.js';

/** Names that people look for, and the components that log what they mean. */
const ALIASES: Readonly<Record<string, LogComponent>> = { RESP_PROTOCOL: 'RESP_SERVER', BUS: 'EVENT_BUS' };
const NAMES: readonly string[] = [...LOG_COMPONENTS, ...Object.keys(ALIASES)];

/** One switch for the search of a fault: more is logged while it is on, and `logging` stays as it is. */
export class DebugConfig {
  @BooleanSetting({
    doc: 'Whether `debug.components` log at `debug.level`.',
    env: ['HC_DEBUG'],
    flag: 'debug',
    runtime: true,
  })
  enabled = false;

  @ChoiceSetting({ doc: 'Least severe level that they log then.', choices: LOG_LEVELS, runtime: true })
  level: LogLevel = 'DEBUG';

  @TextListSetting({
    doc: 'Components of which more is logged; those that `logging` lets say even more go on doing so.',
    defaultText: 'all',
    pattern: new RegExp(`^(?:${NAMES.join('|')})$`, 'i'),
    allowed: `a list of ${NAMES.join(', ')}`,
    runtime: true,
  })
  components: readonly string[] = [];

  @BooleanSetting({
    doc: 'Whether each REST request is logged with its correlation id, by HTTP_API at the level DEBUG.',
    runtime: true,
  })
  correlationTracking = false;
}

export interface LogLevels {
  readonly level: LogLevel;
  readonly components: Readonly<Partial<Record<LogComponent, LogLevel>>>;
}

/** What is logged: as `logging` says, and while debugging is on more of the components that are looked at. */
export function effectiveLogLevels(logging: LogLevels, debug: DebugConfig): LogLevels {
  if (!debug.enabled) return logging;
  const named = debug.components.map((name) => name.toUpperCase());
  const watched = named.length === 0 ? LOG_COMPONENTS : named.map((name) => ALIASES[name] ?? (name as LogComponent));
  const components = { ...logging.components };
  for (const component of watched) {
    const usual = components[component] ?? logging.level;
    components[component] = LOG_LEVELS.indexOf(usual) > LOG_LEVELS.indexOf(debug.level) ? usual : debug.level;
  }
  return { level: logging.level, components };
}
