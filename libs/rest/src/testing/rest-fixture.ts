/** A Nest application with REST over a {@link FakeGateway}, listening on a free port of the loopback interface. */
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type {
  LogComponent,
  LogFields,
  Logger,
  LogLevel,
  Span,
  SpanAttributes,
  Telemetry,
  TraceContext,
} from '#libs/ports';
import { RestModule } from '../rest-module.js';
import type { RestOptions } from '../rest-options.js';
import { REST_APPLICATION_OPTIONS, setUpRest } from '../set-up-rest.js';
import { FakeGateway } from './fake-gateway.js';

export interface LoggedLine {
  readonly level: LogLevel;
  readonly component: LogComponent;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export class RecordingLogger implements Logger {
  readonly lines: LoggedLine[] = [];

  isEnabled(): boolean {
    return true;
  }

  log(level: LogLevel, component: LogComponent, message: string, fields?: LogFields): void {
    this.lines.push({ level, component, message, fields });
  }
}

export interface RecordedSpan {
  readonly name: string;
  readonly parent: TraceContext | undefined;
  readonly attributes: Record<string, string | number | boolean>;
  readonly context: TraceContext;
  ended: boolean;
  error: string | undefined;
}

export class RecordingTelemetry implements Telemetry {
  readonly spans: RecordedSpan[] = [];
  samples = false;

  constructor(readonly enabled: boolean) {}

  shouldSample(): boolean {
    return this.samples;
  }

  startSpan(name: string, _kind: string, parent: TraceContext | undefined, attributes: SpanAttributes = {}): Span {
    const traceId = parent?.traceId ?? new Uint8Array(16).fill(0xab);
    const context = { traceId, spanId: new Uint8Array(8).fill(0xcd) };
    const recorded: RecordedSpan = {
      name,
      parent,
      attributes: { ...attributes },
      context,
      ended: false,
      error: undefined,
    };
    this.spans.push(recorded);
    return {
      context,
      setAttribute: (attribute, value) => {
        recorded.attributes[attribute] = value;
      },
      end: (error) => {
        recorded.ended = true;
        recorded.error = error;
      },
    };
  }
}

export class RestFixture {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    readonly port: number,
    readonly gateway: FakeGateway,
    readonly logger: RecordingLogger,
    readonly telemetry: RecordingTelemetry,
  ) {}

  static async start(options: Partial<RestOptions> = {}, isTracing = false): Promise<RestFixture> {
    const gateway = new FakeGateway();
    const logger = new RecordingLogger();
    const telemetry = new RecordingTelemetry(isTracing);
    const clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };
    const defaults = {
      gateway,
      logger,
      telemetry,
      clock,
      tokens: [],
      maxValueBytes: 100_000,
      softwareVersion: '0.1.0',
      logsEveryRequest: () => false,
    };
    const module = RestModule.register({ ...defaults, ...options });
    const app = await NestFactory.create<NestExpressApplication>(module, {
      ...REST_APPLICATION_OPTIONS,
      logger: false,
    });
    setUpRest(app);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return new RestFixture(app, `http://127.0.0.1:${port}`, port, gateway, logger, telemetry);
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  /** Posts JSON and answers the parsed reply. */
  async post(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const headers = { 'Content-Type': 'application/json' };
    const response = await this.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
