import { latin1Bytes, latin1Text } from '#libs/kernel';
import type { ReplyMerge } from '#libs/commands';
import { Gather } from './gather.js';

function gatherOf(merge: ReplyMerge, { version = 2 as 2 | 3, elements = 0, random = 0 } = {}) {
  const whole: [number, string][] = [];
  const sink = {
    onReply: (position: number, buffer: Uint8Array, offset: number, length: number) =>
      void whole.push([position, latin1Text(buffer, offset, length)]),
  };
  const gather = new Gather(merge, version, sink, 7, elements, random);
  /** Replies lie inside a larger buffer, as in a frame. */
  const reply = (part: number, text: string): void => {
    const bytes = latin1Bytes(`??${text}??`);
    gather.onReply(part, bytes, 2, text.length);
    bytes.fill(0);
  };
  const merged = (...texts: string[]): string => {
    const parts = texts.map(() => gather.addPart());
    gather.seal();
    for (const part of parts.toReversed()) reply(part, texts[part]);
    return whole[0][1];
  };
  return { gather, whole, reply, merged };
}

describe('Gather', () => {
  it('hands the whole on once, when every part is there and no more will come', () => {
    const { gather, whole, reply } = gatherOf('sum');
    const [a, b] = [gather.addPart(), gather.addPart()];
    reply(b, ':2\r\n');
    reply(b, ':200\r\n');
    reply(a, ':1\r\n');
    expect(whole).toEqual([]);
    gather.seal();
    expect(whole).toEqual([[7, ':3\r\n']]);
    reply(a, ':5\r\n');
    expect(whole).toHaveLength(1);
  });

  it('adds integers', () => {
    expect(gatherOf('sum').merged(':1\r\n', ':0\r\n', ':41\r\n')).toBe(':42\r\n');
    expect(gatherOf('sum').merged(':1\r\n', '+OK\r\n')).toMatch(/^-ERR a storage node answered something unexpected/);
    expect(gatherOf('sum').merged('rubbish')).toMatch(/^-ERR/);
  });

  it('joins arrays, also of RESP3', () => {
    expect(gatherOf('concat').merged('*1\r\n$1\r\na\r\n', '*0\r\n', '*2\r\n$1\r\nb\r\n:3\r\n')).toBe(
      '*3\r\n$1\r\na\r\n$1\r\nb\r\n:3\r\n',
    );
    expect(gatherOf('concat', { version: 3 }).merged('*1\r\n_\r\n', '*1\r\n%1\r\n+k\r\n#t\r\n')).toBe(
      '*2\r\n_\r\n%1\r\n+k\r\n#t\r\n',
    );
    expect(gatherOf('concat').merged('*0\r\n', '*0\r\n')).toBe('*0\r\n');
    expect(gatherOf('concat').merged('*2\r\n$1\r\na\r\n')).toMatch(/^-ERR/);
  });

  it('answers OK where all did', () => {
    expect(gatherOf('ok').merged('+OK\r\n', '+OK\r\n')).toBe('+OK\r\n');
  });

  it.each<ReplyMerge>(['ok', 'sum', 'concat', 'keyed', 'pick'])('answers the first error of %s', (merge) => {
    expect(gatherOf(merge).merged('+OK\r\n', '-OOM one\r\n', '-ERR two\r\n')).toBe('-OOM one\r\n');
  });

  it('picks one of those that are not nil', () => {
    const texts = ['$-1\r\n', '$1\r\na\r\n', '_\r\n', '$1\r\nb\r\n'];
    expect(gatherOf('pick', { random: 0 }).merged(...texts)).toBe('$1\r\na\r\n');
    expect(gatherOf('pick', { random: 5 }).merged(...texts)).toBe('$1\r\nb\r\n');
    expect(gatherOf('pick').merged('$-1\r\n', '$-1\r\n')).toBe('$-1\r\n');
  });

  describe('of keyed elements', () => {
    it('puts them back in the order of the keys', () => {
      const { gather, whole, reply } = gatherOf('keyed', { elements: 4 });
      const [a, b] = [gather.addPart([0, 3]), gather.addPart([2, 1])];
      gather.seal();
      reply(a, '*2\r\n$1\r\na\r\n$1\r\nd\r\n');
      reply(b, '*2\r\n$1\r\nc\r\n$-1\r\n');
      expect(whole[0][1]).toBe('*4\r\n$1\r\na\r\n$-1\r\n$1\r\nc\r\n$1\r\nd\r\n');
    });

    it('refuses a part with too many or too few', () => {
      const { gather, whole, reply } = gatherOf('keyed', { elements: 2 });
      const part = gather.addPart([0, 1]);
      gather.seal();
      reply(part, '*1\r\n$1\r\na\r\n');
      expect(whole[0][1]).toMatch(/^-ERR/);
    });

    it('lets a part be split further', () => {
      const { gather, whole, reply } = gatherOf('keyed', { elements: 3 });
      const [a, b] = [gather.addPart([0, 2]), gather.addPart([1])];
      gather.seal();
      reply(b, '*1\r\n:1\r\n');
      expect(gather.elementsOf(a)).toEqual([0, 2]);
      const [first, second] = [gather.addPart([0]), gather.addPart([2])];
      gather.dropPart(a);
      reply(second, '*1\r\n:2\r\n');
      expect(whole).toEqual([]);
      reply(first, '*1\r\n:0\r\n');
      expect(whole[0][1]).toBe('*3\r\n:0\r\n:1\r\n:2\r\n');
    });
  });
});
