import { latin1Text } from '#libs/kernel';
import { absentReplyBytes } from './absent-replies.js';
import { ALL_COMMANDS } from './all-commands.js';
import { StorageBench } from './testing/storage-bench.js';

const READS = ALL_COMMANDS.filter(({ absentReply }) => absentReply !== undefined);

describe('replies for absent keys', () => {
  it('are known of the reads that answer the same whatever else they say', () => {
    expect(READS.map(({ name }) => name).toSorted()).toEqual(
      ['exists', 'expiretime', 'get', 'hc.get', 'pexpiretime', 'pttl', 'strlen', 'ttl', 'type'].toSorted(),
    );
  });

  it.each(READS.flatMap((command) => [2, 3].map((version) => [command.name, version as 2 | 3, command] as const)))(
    'of %s in RESP%i are what it answers where there is no such key',
    (name, version, { absentReply, flags, keys }) => {
      const bench = new StorageBench();
      bench.reply.version = version;
      const bytes = absentReplyBytes(absentReply!, version);
      expect(bench.run(`${name} nobody`)).toBe(latin1Text(bytes, 0, bytes.length));
      expect(flags).toContain('readonly');
      expect(keys.first).toBe(1);
    },
  );
});
