import { loggerContract } from '#libs/ports-contract';
import { createLogger, NestLoggerAdapter, type LoggerOptions, type PinoLogger } from './index.js';

interface Captured {
  readonly logger: PinoLogger;
  readonly texts: string[];
  lines(): Record<string, never>[];
}

function captured(options: Partial<LoggerOptions> = {}): Captured {
  const texts: string[] = [];
  const destination = { write: (line: string) => void texts.push(line) };
  const logger = createLogger({ level: 'INFO', bindings: { nodeId: 'n1' }, destination, ...options });
  return { logger, texts, lines: () => texts.map((text) => JSON.parse(text) as Record<string, never>) };
}

loggerContract('pino', () => {
  const { logger, lines } = captured({ componentLevels: { RAFT: 'TRACE', EVENT_BUS: 'ERROR' } });
  return { logger, lines: () => lines() as never };
});

describe('PinoLogger', () => {
  it('writes one JSON line with all fields', () => {
    const { logger, texts, lines } = captured();
    logger.log('WARN', 'RESP_SERVER', 'slow command', {
      correlationId: 'gw1-7',
      operation: 'GET',
      key: 'user:1',
      durationMs: 2.345,
      success: true,
      traceId: 'aa',
      spanId: 'bb',
      details: { clients: 3 },
    });
    expect(texts[0].endsWith('}\n')).toBe(true);
    const { timestamp, ...rest } = lines()[0];
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toEqual({
      level: 'WARN',
      component: 'RESP_SERVER',
      correlationId: 'gw1-7',
      operation: 'GET',
      key: 'user:1',
      nodeId: 'n1',
      duration: '2.3ms',
      success: true,
      traceId: 'aa',
      spanId: 'bb',
      details: { clients: 3 },
      message: 'slow command',
    });
  });

  it('leaves out what is not given', () => {
    const { logger, lines } = captured();
    logger.log('INFO', 'LIFECYCLE', 'started');
    expect(Object.keys(lines()[0]).sort()).toEqual(['component', 'level', 'message', 'nodeId', 'timestamp']);
  });

  it.each([
    [0, '0.0ms'],
    [0.042, '0.042ms'],
    [0.25, '0.3ms'],
    [1_500, '1500.0ms'],
  ])('writes a duration of %d ms as %s', (durationMs, text) => {
    const { logger, lines } = captured();
    logger.log('INFO', 'GATEWAY', 'x', { durationMs });
    expect(lines()[0]['duration']).toBe(text);
  });

  it('changes levels while it runs', () => {
    const { logger, lines } = captured({ componentLevels: { RAFT: 'ERROR' } });
    logger.setLevels('INFO', { RAFT: 'DEBUG' });
    logger.log('DEBUG', 'RAFT', 'seen');
    logger.log('DEBUG', 'GATEWAY', 'not seen');
    expect(logger.levels()).toMatchObject({ RAFT: 'DEBUG', GATEWAY: 'INFO' });
    logger.setLevels('TRACE', {});
    logger.log('TRACE', 'GATEWAY', 'seen');
    logger.setLevels('ERROR', {});
    logger.log('WARN', 'GATEWAY', 'not seen');
    expect(lines().map((line) => line['message'])).toEqual(['seen', 'seen']);
  });

  it('never writes secrets', () => {
    const { logger, texts } = captured();
    const details = {
      password: 'hunter2',
      requirepass: 'hunter2',
      nats: { authToken: 'hunter2', url: 'nats://admin:hunter2@nats:4222', apiKey: 'hunter2', tokensPerSecond: 5 },
      list: [{ Authorization: 'Bearer hunter2' }],
      clientSecret: 'hunter2',
      cookie: 'hunter2',
    };
    const error = new Error('cannot reach nats://admin:hunter2@nats:4222');
    logger.log('ERROR', 'EVENT_BUS', 'connecting to nats://u:hunter2@nats failed', { error, details });
    expect(texts[0]).not.toContain('hunter2');
    expect(texts[0]).toContain('"tokensPerSecond":5');
  });

  it('keeps lines short whatever the details hold', () => {
    const { logger, texts } = captured();
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 1_000; i++) deep = { deep };
    const details = { text: 'x'.repeat(100_000), many: Array(10_000).fill(1), deep, when: new Date(0) };
    logger.log('INFO', 'GATEWAY', 'y'.repeat(100_000), { details });
    expect(texts[0].length).toBeLessThan(6_000);
    expect(texts[0]).toContain('1970-01-01T00:00:00.000Z');
  });

  it.each([
    ['plain', 'plain'],
    ['line\nbreak\x1b[31m', 'line\\x0abreak\\x1b[31m'],
    ['back\\slash', 'back\\x5cslash'],
    ['a\u202eb\ud800', 'a\\u202eb\\ud800'],
    ['x'.repeat(65), `${'x'.repeat(64)}…`],
    ['é'.repeat(33), `${'é'.repeat(32)}…`],
    ['😀'.repeat(16), '😀'.repeat(16)],
  ])('writes the key %j as %j', (key, text) => {
    const { logger, lines } = captured();
    logger.log('INFO', 'GATEWAY', 'x', { key });
    expect(lines()[0]['key']).toBe(text);
  });

  it('writes errors with name, message and stack', () => {
    const { logger, lines } = captured();
    logger.log('ERROR', 'RAFT', 'failed', { error: new TypeError('no') });
    logger.log('ERROR', 'RAFT', 'failed', { error: 'thrown text' });
    expect(lines()[0]['error']).toMatchObject({
      name: 'TypeError',
      message: 'no',
      stack: expect.stringContaining('at '),
    });
    expect(lines()[1]['error']).toEqual({ message: 'thrown text' });
  });
});

describe('NestLoggerAdapter', () => {
  it('passes all levels on, with the context in the details', () => {
    const { logger, lines } = captured({ level: 'TRACE' });
    const nest = new NestLoggerAdapter(logger);
    nest.log('started', 'NestFactory');
    nest.warn('careful', 'Router');
    nest.debug('detail', 'Router');
    nest.verbose('more', 'Router');
    nest.fatal('over', 'Router');
    expect(lines().map((line) => [line['level'], line['component'], line['message'], line['details']])).toEqual([
      ['INFO', 'LIFECYCLE', 'started', { context: 'NestFactory' }],
      ['WARN', 'LIFECYCLE', 'careful', { context: 'Router' }],
      ['DEBUG', 'LIFECYCLE', 'detail', { context: 'Router' }],
      ['TRACE', 'LIFECYCLE', 'more', { context: 'Router' }],
      ['ERROR', 'LIFECYCLE', 'over', { context: 'Router' }],
    ]);
  });

  it('recognises stacks, errors and objects', () => {
    const { logger, lines } = captured();
    const nest = new NestLoggerAdapter(logger);
    nest.error('failed', 'Error: x\n    at f (a.js:1:1)', 'Handler');
    nest.error(new RangeError('too far'), 'Handler');
    nest.log({ port: 1 });
    nest.error('failed', 'Error: x\n    at f (a.js:1:1)');
    expect(lines()[0]['details']).toEqual({ context: 'Handler', extra: [expect.stringContaining('at f')] });
    expect(lines()[1]).toMatchObject({
      message: 'too far',
      error: { name: 'RangeError' },
      details: { context: 'Handler' },
    });
    expect(lines()[2]['details']).toEqual({ message: { port: 1 } });
    expect(lines()[3]['details']).toEqual({ extra: [expect.stringContaining('at f')] });
  });

  it('writes nothing below the level', () => {
    const { logger, texts } = captured();
    new NestLoggerAdapter(logger).debug('detail', 'Router');
    expect(texts).toEqual([]);
  });
});
