import { LOG_COMPONENTS, LOG_LEVELS, type LogComponent, type Logger, type LogLevel } from '#libs/ports';

/** What a suite sees of a line that was logged, whatever its form. */
export interface LoggedLine {
  readonly level: LogLevel;
  readonly component: LogComponent;
  readonly message: string;
  readonly correlationId?: string;
  readonly success?: boolean;
}

export interface LoggerHarness {
  /** At INFO, except RAFT at TRACE and EVENT_BUS at ERROR. */
  readonly logger: Logger;
  lines(): readonly LoggedLine[];
}

/** The behaviour that every logger shares. */
export function loggerContract(name: string, makeHarness: () => LoggerHarness): void {
  describe(`logger contract: ${name}`, () => {
    it('is enabled for a level and all that are more severe', () => {
      const { logger } = makeHarness();
      const enabled = (component: LogComponent): LogLevel[] =>
        LOG_LEVELS.filter((level) => logger.isEnabled(level, component));
      expect(enabled('STORAGE_ENGINE')).toEqual(['ERROR', 'WARN', 'INFO']);
      expect(enabled('RAFT')).toEqual([...LOG_LEVELS]);
      expect(enabled('EVENT_BUS')).toEqual(['ERROR']);
    });

    it('logs exactly what is enabled', () => {
      const { logger, lines } = makeHarness();
      const expected: LoggedLine[] = [];
      for (const component of LOG_COMPONENTS) {
        for (const level of LOG_LEVELS) {
          logger.log(level, component, `${level} of ${component}`);
          if (logger.isEnabled(level, component))
            expected.push({ level, component, message: `${level} of ${component}` });
        }
      }
      expect(lines().map(({ level, component, message }) => ({ level, component, message }))).toEqual(expected);
    });

    it('carries the fields', () => {
      const { logger, lines } = makeHarness();
      logger.log('INFO', 'GATEWAY', 'done', { correlationId: 'gw1-42', success: false });
      expect(lines()[0]).toMatchObject({ message: 'done', correlationId: 'gw1-42', success: false });
    });

    it('takes anything for an error and for details, and does not throw', () => {
      const { logger, lines } = makeHarness();
      const circular: Record<string, unknown> = { big: 10n ** 30n, fn: () => 1, bytes: new Uint8Array(3) };
      circular['self'] = circular;
      for (const error of [new Error('x'), 'text', 42, null, circular]) {
        logger.log('ERROR', 'LIFECYCLE', 'failed', { error, details: circular });
      }
      expect(lines()).toHaveLength(5);
    });
  });
}
