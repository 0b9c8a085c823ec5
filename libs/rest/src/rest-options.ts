import type { Clock, Logger, Telemetry } from '#libs/ports';
import type { RestGateway } from './rest-gateway.js';

/** What REST is made of; the app fills it in. */
export interface RestOptions {
  readonly gateway: RestGateway;
  /** Bearer tokens that are accepted; where there are none, everybody is. */
  readonly tokens: readonly string[];
  /** The longest value (`limits.max_value_bytes`). */
  readonly maxValueBytes: number;
  /** The version that the documentation shows. */
  readonly softwareVersion: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly logger: Logger;
  /** Whether requests that are not traced are logged too, at DEBUG; it changes at run time. */
  readonly logsEveryRequest: () => boolean;
}

/** DI token of {@link RestOptions}. */
export const REST_OPTIONS = Symbol('REST_OPTIONS');

/** First segments of every path of the API. */
export const API_PREFIX = 'api/v1';

const MIB = 1024 * 1024;

/** The bounds of requests that configuration does not change. */
export const REST_BOUNDS = {
  /** Entries of one batch. */
  maxBatchEntries: 1_000,
  /** Body of a batch: JSON is parsed in one go, while every other client waits. */
  maxBatchBodyBytes: 8 * MIB,
  /** Body of a store's definition. */
  maxStoreBodyBytes: 64 * 1024,
  /** Body of a change of settings. */
  maxConfigBodyBytes: 64 * 1024,
  /** Values that one batch answers; those beyond get an error of their own. */
  maxBatchReplyBytes: 16 * MIB,
  /** Operations of one batch that run at the same time. */
  batchConcurrency: 32,
  /** A longer value is not shown as JSON, since base64 makes it longer still. */
  maxJsonValueBytes: 16 * MIB,
  /** Bytes of unfinished bodies over all requests, in multiples of the longest value. */
  bufferedBodiesPerMaxValue: 4,
  /** The least that unfinished bodies may take, however short the longest value is. */
  minBufferedBodyBytes: 64 * MIB,
  /** The longest time to live: 100 years, as for a store's default. */
  maxTtlMs: 3_153_600_000_000,
  /** Characters of a correlation id that a client brings. */
  maxCorrelationIdChars: 128,
  /** Events that are listed where a request does not say how many. */
  listedEvents: 100,
  /** Databases of the store `default`. */
  databases: 16,
} as const;
