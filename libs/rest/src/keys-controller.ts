import { Controller, Delete, Get, Head, Inject, Param, Put, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { BOUNDS } from '#libs/kernel';
import type { RespValue } from '#libs/resp';
import { BearerGuard } from './bearer-guard.js';
import { type CommandTarget, CommandRunner } from './command-runner.js';
import { databaseOf } from './database.js';
import { type Entry, entryOf, writtenOf } from './entry.js';
import { namesTag, quotedTag, writeCondition, type WriteCondition } from './entity-tags.js';
import { CREATED_HEADER, expiryArguments, expiryOf, TTL_HEADER } from './expiry.js';
import { type KeyPathEncoding, KeyQuery, PutQuery } from './key-queries.js';
import { decodeBase64Url, percentDecode } from './percent-decoding.js';
import { failure, invalidField } from './problem.js';
import { BodyReader } from './request-body.js';
import { contextOf, type RestRequest } from './request-context.js';
import { API_PREFIX, REST_BOUNDS, REST_OPTIONS, type RestOptions } from './rest-options.js';
import { validated } from './validation.js';

const BYTES_TYPE = 'application/octet-stream';
const JSON_TYPE = 'application/json';

interface KeyRequest<Q extends KeyQuery> {
  readonly target: CommandTarget;
  readonly key: Uint8Array;
  readonly query: Q;
}

/** One entry of a store: its value is the body, and all else stands in headers. */
@Controller(`${API_PREFIX}/stores/:store/keys/:key`)
@UseGuards(BearerGuard)
export class KeysController {
  constructor(
    @Inject(CommandRunner) private readonly commands: CommandRunner,
    @Inject(BodyReader) private readonly bodies: BodyReader,
    @Inject(REST_OPTIONS) private readonly options: RestOptions,
  ) {}

  /** Before `get`, whose route would answer HEAD as well. */
  @Head()
  async head(@Param('store') store: string, @Req() request: RestRequest, @Res() response: Response): Promise<void> {
    await this.get(store, request, response);
  }

  @Get()
  async get(@Param('store') store: string, @Req() request: RestRequest, @Res() response: Response): Promise<void> {
    const { target, key } = this.keyRequest(store, request, KeyQuery);
    const entry = entryOf(await this.commands.run(target, ['HC.GET', key, 'TIMES']));
    if (entry === undefined) throw noSuchKey();
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    if (ifMatch !== undefined && !namesTag(ifMatch, entry.etag)) throw preconditionFailed();
    describeEntry(response, entry);
    if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, entry.etag)) {
      response.statusCode = 304;
      response.end();
    } else if (request.accepts([BYTES_TYPE, JSON_TYPE]) === JSON_TYPE) {
      sendBytes(response, JSON_TYPE, jsonOf(key, entry));
    } else {
      sendBytes(response, BYTES_TYPE, entry.value);
    }
  }

  @Put()
  async put(@Param('store') store: string, @Req() request: RestRequest, @Res() response: Response): Promise<void> {
    const { target, key, query } = this.keyRequest(store, request, PutQuery);
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'x-ttl-ms': ttlHeader } = request.headers;
    const condition = writeCondition(ifMatch, ifNoneMatch);
    const expiry = expiryArguments(expiryOf(query, typeof ttlHeader === 'string' ? ttlHeader : undefined));
    const value = await this.bodies.read(request, this.options.maxValueBytes);
    const words = [...expiry, ...conditionArguments(condition)];
    const written = writtenOf(await this.commands.run(target, ['HC.SET', key, value, ...words]));
    response.statusCode = written.created ? 201 : 204;
    response.setHeader('ETag', quotedTag(written.etag));
    response.end();
  }

  @Delete()
  async delete(@Param('store') store: string, @Req() request: RestRequest, @Res() response: Response): Promise<void> {
    const { target, key } = this.keyRequest(store, request, KeyQuery);
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    const condition = writeCondition(ifMatch, ifNoneMatch);
    if (condition.kind === 'absent')
      throw invalidField('If-None-Match', ifNoneMatch, 'nothing; use If-Match to delete');
    const words = condition.kind === 'tag' ? ['IFTAG', condition.tag] : [];
    const deleted: RespValue = await this.commands.run(target, ['HC.DEL', key, ...words]);
    if (deleted !== 1) throw condition.kind === 'present' ? preconditionFailed() : noSuchKey();
    response.statusCode = 204;
    response.end();
  }

  private keyRequest<Q extends KeyQuery>(store: string, request: RestRequest, queryClass: new () => Q): KeyRequest<Q> {
    this.commands.store(store);
    const { encodedKey, trace } = contextOf(request);
    const query = validated(queryClass, request.query);
    const database = databaseOf(store, query.database);
    return { target: { store, database, trace }, key: decodedKey(encodedKey ?? '', query.encoding), query };
  }
}

function decodedKey(text: string, encoding: KeyPathEncoding = 'percent'): Uint8Array {
  const key = encoding === 'base64url' ? decodeBase64Url(text) : percentDecode(text);
  if (key === undefined) {
    throw invalidField('key', text, encoding === 'base64url' ? 'base64url' : 'percent-encoded bytes, such as %2F');
  }
  if (key.length > BOUNDS.maxKeyBytes) {
    throw invalidField('key', `${key.length} bytes long`, `up to ${BOUNDS.maxKeyBytes} bytes`);
  }
  return key;
}

function conditionArguments(condition: WriteCondition): string[] {
  switch (condition.kind) {
    case 'none':
      return [];
    case 'absent':
      return ['IFABSENT'];
    case 'present':
      return ['IFPRESENT'];
    case 'tag':
      return ['IFTAG', condition.tag];
  }
}

/** `no-cache` lets caches keep a value, but not serve it without asking. */
function describeEntry(response: Response, entry: Entry): void {
  response.setHeader('ETag', quotedTag(entry.etag));
  response.setHeader('Cache-Control', 'private, no-cache');
  response.setHeader('Vary', 'Accept, Authorization');
  if (entry.ttlMs !== null) response.setHeader(TTL_HEADER, entry.ttlMs);
  if (entry.createdAtMs !== null) response.setHeader(CREATED_HEADER, entry.createdAtMs);
  if (entry.modifiedAtMs !== null) response.setHeader('Last-Modified', new Date(entry.modifiedAtMs).toUTCString());
}

/** For HEAD, Node leaves the bytes away. */
function sendBytes(response: Response, type: string, bytes: Uint8Array): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}

function jsonOf(key: Uint8Array, entry: Entry): Uint8Array {
  if (entry.value.length > REST_BOUNDS.maxJsonValueBytes) {
    throw failure(
      'NOT_ACCEPTABLE',
      `a value longer than ${REST_BOUNDS.maxJsonValueBytes} bytes is not shown as JSON; ask for ${BYTES_TYPE}`,
    );
  }
  const fields = {
    key: base64(key),
    value: base64(entry.value),
    encoding: 'base64',
    etag: entry.etag,
    ttl_ms: entry.ttlMs,
    created_at_ms: entry.createdAtMs,
    modified_at_ms: entry.modifiedAtMs,
  };
  return Buffer.from(JSON.stringify(fields));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function noSuchKey(): Error {
  return failure('NO_SUCH_KEY', 'the store has no entry under this key');
}

function preconditionFailed(): Error {
  return failure('PRECONDITION_FAILED', 'the entry is not the version that If-Match names');
}
