import { latin1Bytes, latin1Text } from '#libs/kernel';
import fc from 'fast-check';
import { ConnectionInput, feed } from './connection-input.js';
import { encodeCommand } from './encode-command.js';
import { RequestScanner } from './request-scanner.js';

const NOTHING = new Uint8Array(0);

function argumentsOf(scanner: RequestScanner): string[] {
  return Array.from({ length: scanner.count }, (_, i) =>
    latin1Text(scanner.buffer, scanner.offsets[i], scanner.lengths[i]),
  );
}

/** Feeds `bytes` cut at the given places and collects the commands. */
function feedPieces(scanner: RequestScanner, bytes: Uint8Array, cuts: number[], input = new ConnectionInput()) {
  const commands: string[][] = [];
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  let outcome = 'ok';
  for (let i = 1; i < places.length && outcome === 'ok'; i++) {
    outcome = feed(input, scanner, bytes.slice(places[i - 1], places[i]), () => {
      commands.push(argumentsOf(scanner));
      return true;
    });
  }
  return { commands, outcome, input };
}

const command = fc.oneof(
  fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 }), { minLength: 1, maxLength: 20 }).map((parts) => ({
    text: latin1Text(encodeCommand(parts), 0, encodeCommand(parts).length),
    parts,
  })),
  fc
    .array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 5 })
    .map((parts) => ({ text: `${parts.join(' ')}\r\n`, parts })),
  fc.constantFrom('*0\r\n', '\r\n', '\n').map((text) => ({ text, parts: [] as string[] })),
);

describe('feed', () => {
  it('finds the same commands however the bytes are cut', () => {
    const scanner = new RequestScanner();
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 }), (commands, cuts) => {
        const bytes = latin1Bytes(commands.map(({ text }) => text).join(''));
        const found = feedPieces(
          scanner,
          bytes,
          cuts.map((cut) => cut % (bytes.length + 1)),
        );
        expect(found.outcome).toBe('ok');
        expect(found.commands).toEqual(commands.map(({ parts }) => parts).filter((parts) => parts.length > 0));
        expect(found.input.heldBytes).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('finds commands that arrive byte by byte on many connections at once', () => {
    const scanner = new RequestScanner();
    const bytes = encodeCommand(['MSET', ...Array.from({ length: 150 }, (_, i) => `argument-${i}`)]);
    const inputs = Array.from({ length: 3 }, () => new ConnectionInput());
    const found: string[][] = [];
    for (const byte of bytes) {
      for (const input of inputs) {
        feed(input, scanner, Uint8Array.of(byte), () => {
          found.push(argumentsOf(scanner));
          return true;
        });
      }
    }
    expect(found).toHaveLength(3);
    for (const parts of found) expect(encodeCommand(parts)).toEqual(bytes);
  });

  it('gives the same answer to hostile bytes however they are cut', () => {
    const scanner = new RequestScanner({ maxInlineBytes: 30, maxBulkBytes: 200, maxArguments: 20 });
    const piece = fc.oneof(
      fc.constantFrom(
        '*',
        '$',
        '\r\n',
        '\r',
        '1',
        '3',
        '12',
        '-1',
        '"',
        '\0',
        'PING ',
        '*1\r\n$4\r\nPING\r\n',
        '*2\r\n$1\r\nx\r\n',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 10 }), (pieces, cuts) => {
        const bytes = latin1Bytes(pieces.join(''));
        const whole = feedPieces(scanner, bytes, []);
        const wholeError = whole.outcome === 'error' ? scanner.errorText : '';
        const cut = feedPieces(
          scanner,
          bytes,
          cuts.map((place) => place % (bytes.length + 1)),
        );
        expect([cut.outcome, cut.commands]).toEqual([whole.outcome, whole.commands]);
        expect(cut.outcome === 'error' ? scanner.errorText : '').toBe(wholeError);
      }),
      { numRuns: 2000 },
    );
  });

  it('stops after a command and goes on later', () => {
    const scanner = new RequestScanner();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.array(fc.nat(200), { maxLength: 8 }), (stopEvery, cuts) => {
        const commands = Array.from({ length: 20 }, (_, i) => ['SET', `key${i}`, 'x'.repeat(i * 40)]);
        const bytes = latin1Bytes(
          commands.map((parts) => Buffer.from(encodeCommand(parts)).toString('latin1')).join(''),
        );
        const input = new ConnectionInput();
        const found: string[][] = [];
        const onCommand = () => {
          found.push(argumentsOf(scanner));
          return found.length % stopEvery !== 0;
        };
        const places = [
          0,
          ...cuts
            .map((cut) => cut * 40)
            .filter((cut) => cut < bytes.length)
            .sort((a, b) => a - b),
          bytes.length,
        ];
        for (let i = 1; i < places.length; i++) feed(input, scanner, bytes.slice(places[i - 1], places[i]), onCommand);
        for (let i = 0; i < 20; i++) feed(input, scanner, NOTHING, onCommand);
        expect(found).toEqual(commands);
      }),
    );
  });

  it('reports an error in held and in fresh bytes', () => {
    const scanner = new RequestScanner();
    expect(feedPieces(scanner, latin1Bytes('PING\r\n*1\r\n$x\r\n'), []).outcome).toBe('error');
    expect(feedPieces(scanner, latin1Bytes('PING\r\n*1\r\n$x\r\n'), [9, 12]).outcome).toBe('error');
    expect(scanner.errorText).toBe('Protocol error: invalid bulk length');
  });
});

describe('held bytes', () => {
  it('do not copy what a chunk holds whole', () => {
    const scanner = new RequestScanner();
    const input = new ConnectionInput();
    const ping = encodeCommand(['PING']);
    feed(input, scanner, ping.subarray(0, 5), () => true);
    const rest = latin1Bytes(latin1Text(ping, 5, ping.length - 5) + latin1Text(ping, 0, ping.length).repeat(1000));
    let direct = 0;
    feed(input, scanner, rest, () => {
      if (scanner.buffer === rest) direct++;
      return true;
    });
    expect(direct).toBe(1000);
    expect(input.capacityBytes).toBeLessThanOrEqual(512);
  });

  it('cost no memory for a length that is merely announced, and release it afterwards', () => {
    const scanner = new RequestScanner();
    const input = new ConnectionInput();
    expect(input.capacityBytes).toBe(0);
    feed(input, scanner, latin1Bytes('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\n'), () => true);
    expect(input.capacityBytes).toBeLessThanOrEqual(512);
    const chunk = new Uint8Array(64 * 1024);
    for (let arrived = 1; arrived <= 20; arrived++) {
      feed(input, scanner, chunk, () => true);
      expect(input.capacityBytes).toBeLessThanOrEqual(2 * (arrived + 1) * chunk.length);
    }
    input.clear();
    expect([input.capacityBytes, input.heldBytes]).toEqual([0, 0]);
  });

  it('grow to no more than a value whose end is known', () => {
    const scanner = new RequestScanner();
    const input = new ConnectionInput();
    const value = 'v'.repeat(1_000_000);
    const bytes = encodeCommand(['SET', 'k', value]);
    let capacity = 0;
    let isFound = false;
    for (let at = 0; at < bytes.length; at += 60_000) {
      feed(input, scanner, bytes.slice(at, at + 60_000), () => {
        isFound = scanner.lengths[2] === value.length;
        return true;
      });
      capacity = Math.max(capacity, input.capacityBytes);
    }
    expect(isFound).toBe(true);
    expect(capacity).toBeLessThanOrEqual(bytes.length);
    expect(input.capacityBytes).toBe(0);
  });

  it('are scanned in linear time', () => {
    const scanner = new RequestScanner();
    const countReads = (argumentCount: number) => {
      const bytes = encodeCommand(['MSET', ...Array.from({ length: argumentCount }, () => 'v')]);
      let scanned = 0;
      const input = new ConnectionInput();
      for (let at = 0; at < bytes.length; at += 1000) {
        const before = input.resumePosition;
        feed(input, scanner, bytes.subarray(at, at + 1000), () => true);
        if (input.heldBytes > 0) scanned += input.heldBytes - before;
      }
      return scanned / bytes.length;
    };
    expect(countReads(5000)).toBeLessThan(1.1);
    expect(countReads(50_000)).toBeLessThan(1.1);
    expect(scanner.count).toBe(50_001);
  });
});
