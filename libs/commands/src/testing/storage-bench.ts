import { assert, latin1Text } from '#libs/kernel';
import { ReplyWriter } from '#libs/resp';
import { ALL_COMMANDS } from '../all-commands.js';
import { unknownCommandText, wrongArityText } from '../command-errors.js';
import { arityMatches } from '../command-keys.js';
import { CommandTable } from '../command-table.js';
import type { StorageContext } from '../storage-context.js';
import type { StoreReport } from '../store/store-report.js';
import { FakeKeyspace } from './fake-keyspace.js';
import { requestOf, wordsOf } from './request-text.js';

const TABLE = new CommandTable(ALL_COMMANDS);

/** Runs storage commands by text on a fake keyspace and answers their RESP bytes as Latin-1 text. */
export class StorageBench {
  readonly reply = new ReplyWriter();
  readonly keyspace = new FakeKeyspace(this.reply);
  nowMs = 1_700_000_000_000;
  maxValueBytes = 1024 * 1024;
  storeReports: readonly StoreReport[] = [];
  statisticsResets = 0;

  /** `line` as typed into redis-cli. */
  run(line: string): string {
    return this.runWords(wordsOf(line));
  }

  runWords(words: readonly (string | Uint8Array)[]): string {
    const { keyspace, reply } = this;
    const request = requestOf(...words);
    keyspace.request = request;
    keyspace.nowMs = this.nowMs;
    // Bytes before the reply, as in a batch: a command must leave them alone.
    reply.reset();
    reply.u8(0x23);
    const command = TABLE.lookup(request);
    if (command === undefined) {
      reply.error(unknownCommandText(TABLE, request));
    } else if (!arityMatches(command, request.count)) {
      reply.error(wrongArityText(command));
    } else {
      assert('execute' in command, `${command.name} is no storage command`);
      const context: StorageContext = {
        request,
        reply,
        keyspace,
        nowMs: this.nowMs,
        database: keyspace.database,
        limits: { maxValueBytes: this.maxValueBytes },
        nodeId: 'storage-1',
        storeReports: () => this.storeReports,
        resetStatistics: () => void this.statisticsResets++,
        // Full of rubbish, as a reused buffer is.
        scratch: (bytes) => new Uint8Array(bytes).fill(0x58),
      };
      assert(command.execute(context) === 'done', `${command.name} is done at once`);
    }
    assert(reply.buffer[0] === 0x23, 'what was before the reply stays');
    return latin1Text(reply.buffer, 1, reply.length - 1);
  }
}
