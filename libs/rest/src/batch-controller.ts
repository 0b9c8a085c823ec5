import { Controller, HttpCode, Inject, Param, Post, Req, UseGuards } from '@nestjs/common';
import { BOUNDS } from '#libs/kernel';
import { BatchBody, GetEntry, KeyEntry, SetEntry, type TextEncoding } from './batch-entries.js';
import { bytesOf, textOfBytes } from './batch-text.js';
import { BearerGuard } from './bearer-guard.js';
import { type CommandTarget, CommandRunner } from './command-runner.js';
import { databaseOf } from './database.js';
import { entryOf, writtenOf } from './entry.js';
import { DatabaseQuery } from './key-queries.js';
import { failure, invalidField, type Problem, ProblemException } from './problem.js';
import { BodyReader } from './request-body.js';
import { contextOf, type RestRequest } from './request-context.js';
import { API_PREFIX, REST_BOUNDS } from './rest-options.js';
import { runBounded } from './run-bounded.js';
import { validated, validatedList } from './validation.js';

/** What became of one entry: the status that a request of its own would have had, and its outcome or its problem. */
interface BatchResult {
  readonly key: string;
  readonly key_encoding: TextEncoding;
  readonly status: number;
  readonly value?: string;
  readonly encoding?: TextEncoding;
  readonly etag?: string;
  readonly ttl_ms?: number | null;
  readonly error?: Problem;
}

export interface BatchReply {
  /** In the order of the entries. */
  readonly results: readonly BatchResult[];
  /** How many results have a status of 400 or more, apart from keys that are not there. */
  readonly failed: number;
}

type Outcome = Omit<BatchResult, 'key' | 'key_encoding'>;
type Execute<E> = (target: CommandTarget, key: Uint8Array, entry: E, index: number) => Promise<Outcome>;

const NOT_FOUND: Outcome = { status: 404 };

/**
 * Many entries in one request. Each is executed on its own, as a pipeline of commands would be: a batch is not atomic,
 * and one failure leaves the others alone. Input that is not valid is refused as a whole, before anything is executed.
 */
@Controller(`${API_PREFIX}/stores/:store/batch`)
@UseGuards(BearerGuard)
export class BatchController {
  constructor(
    @Inject(CommandRunner) private readonly commands: CommandRunner,
    @Inject(BodyReader) private readonly bodies: BodyReader,
  ) {}

  @Post('get')
  @HttpCode(200)
  get(@Param('store') store: string, @Req() request: RestRequest): Promise<BatchReply> {
    let replyBytes = 0;
    return this.batch(store, request, GetEntry, async (target, key, entry) => {
      if (replyBytes > REST_BOUNDS.maxBatchReplyBytes) throw replyTooLarge();
      const found = entryOf(await this.commands.run(target, ['HC.GET', key, 'TIMES']));
      if (found === undefined) return NOT_FOUND;
      replyBytes += found.value.length;
      if (replyBytes > REST_BOUNDS.maxBatchReplyBytes) throw replyTooLarge();
      const { value, encoding } = textOfBytes(found.value, entry.encoding);
      return { status: 200, value, encoding, etag: found.etag, ttl_ms: found.ttlMs };
    });
  }

  @Post('set')
  @HttpCode(200)
  set(@Param('store') store: string, @Req() request: RestRequest): Promise<BatchReply> {
    const values: Uint8Array[] = [];
    const prepare = (entry: SetEntry, index: number): void => {
      values.push(decoded(`entries[${index}].value`, entry.value, entry.encoding));
    };
    return this.batch(
      store,
      request,
      SetEntry,
      async (target, key, entry, index) => {
        const expiry = entry.ttl_ms == null ? [] : ['PX', String(entry.ttl_ms)];
        const written = writtenOf(await this.commands.run(target, ['HC.SET', key, values[index], ...expiry]));
        return { status: written.created ? 201 : 204, etag: written.etag };
      },
      prepare,
    );
  }

  @Post('delete')
  @HttpCode(200)
  delete(@Param('store') store: string, @Req() request: RestRequest): Promise<BatchReply> {
    return this.batch(store, request, KeyEntry, async (target, key) => {
      const deleted = await this.commands.run(target, ['HC.DEL', key]);
      return deleted === 1 ? { status: 204 } : NOT_FOUND;
    });
  }

  private async batch<E extends KeyEntry>(
    store: string,
    request: RestRequest,
    entryClass: new () => E,
    execute: Execute<E>,
    prepare?: (entry: E, index: number) => void,
  ): Promise<BatchReply> {
    this.commands.store(store);
    const { database: databaseText } = validated(DatabaseQuery, request.query);
    const target = { store, database: databaseOf(store, databaseText), trace: contextOf(request).trace };
    const body = validated(BatchBody, await this.bodies.readJson(request, REST_BOUNDS.maxBatchBodyBytes));
    const entries = await validatedList(entryClass, body.entries, 'entries');
    const keys = entries.map((entry, index) => keyOf(entry, index));
    if (prepare) entries.forEach(prepare);
    const results = await runBounded(entries, REST_BOUNDS.batchConcurrency, (entry, index) =>
      result(entry, execute(target, keys[index], entry, index)),
    );
    return { results, failed: results.filter(({ status }) => status >= 400 && status !== 404).length };
  }
}

async function result(entry: KeyEntry, execution: Promise<Outcome>): Promise<BatchResult> {
  const named = { key: entry.key, key_encoding: entry.key_encoding ?? ('utf8' as const) };
  try {
    return { ...named, ...(await execution) };
  } catch (error) {
    if (!(error instanceof ProblemException)) throw error;
    return { ...named, status: error.problem.status, error: error.problem };
  }
}

function keyOf(entry: KeyEntry, index: number): Uint8Array {
  const field = `entries[${index}].key`;
  const key = decoded(field, entry.key, entry.key_encoding);
  if (key.length <= BOUNDS.maxKeyBytes) return key;
  throw invalidField(field, `${key.length} bytes long`, `up to ${BOUNDS.maxKeyBytes} bytes`);
}

function decoded(field: string, text: string, encoding: TextEncoding = 'utf8'): Uint8Array {
  const bytes = bytesOf(text, encoding);
  if (bytes !== undefined) return bytes;
  throw invalidField(field, text, encoding === 'base64' ? 'base64' : 'text without half surrogate pairs');
}

function replyTooLarge(): ProblemException {
  return failure(
    'REPLY_TOO_LARGE',
    `the values of the batch exceed ${REST_BOUNDS.maxBatchReplyBytes} bytes; get this one alone`,
  );
}
