export { NestLoggerAdapter } from './nest-logger-adapter.js';
export { createLogger, PinoLogger, type LoggerOptions } from './pino-logger.js';
