import type { ClientSocket, ClientSocketHandler } from '#libs/ports';

/** The client's end of a connection. */
export interface ClientPeer {
  send(bytes: Uint8Array): void;
  /** Everything received so far. */
  received(): Uint8Array;
  readonly receivedBytes: number;
  pauseReading(): void;
  resumeReading(): void;
  /** Closes the sending side only. */
  end(): void;
  destroy(): void;
  readonly closed: boolean;
}

export interface ClientSocketHarness {
  connect(): Promise<ClientPeer>;
  /** Lets a little happen; called until what the suite waits for is there. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** A session that writes down what the adapter tells it. */
export interface RecordedSession {
  readonly socket: ClientSocket;
  input: string;
  drains: number;
  closes: number;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder('latin1').decode(data);
const CHUNK_BYTES = 64 * 1024;

/** The behaviour that every client socket shares: plain, encrypted and simulated. */
export function clientSocketContract(
  name: string,
  makeHarness: (handler: ClientSocketHandler<RecordedSession>) => Promise<ClientSocketHarness>,
): void {
  describe(`client socket contract: ${name}`, () => {
    let harness: ClientSocketHarness;
    let sessions: RecordedSession[];

    const handler: ClientSocketHandler<RecordedSession> = {
      onConnect: (socket) => {
        const session = { socket, input: '', drains: 0, closes: 0 };
        sessions.push(session);
        return session;
      },
      onData: (session, chunk) => {
        session.input += text(chunk);
      },
      onDrain: (session) => {
        session.drains++;
      },
      onClose: (session) => {
        session.closes++;
      },
    };

    async function until(condition: () => boolean): Promise<void> {
      for (let round = 0; !condition() && round < 5_000; round++) await harness.settle();
      expect(condition()).toBe(true);
    }

    async function connect(): Promise<{ peer: ClientPeer; session: RecordedSession }> {
      const known = sessions.length;
      const peer = await harness.connect();
      await until(() => sessions.length > known);
      return { peer, session: sessions[known] };
    }

    /**
     * Fills the way to a client that does not read, with one buffer that is overwritten whenever the socket says that
     * it may be. Answers how much was written; all bytes of chunk i are i modulo 251.
     */
    function writeUntilRefused({ socket }: RecordedSession): number {
      let buffer = new Uint8Array(CHUNK_BYTES);
      for (let written = 0; ;) {
        buffer.fill((written / CHUNK_BYTES) % 251);
        const reusable = socket.write(buffer);
        written += CHUNK_BYTES;
        if (socket.queuedBytes > 4 * CHUNK_BYTES) return written;
        if (!reusable) buffer = new Uint8Array(CHUNK_BYTES);
      }
    }

    beforeEach(async () => {
      sessions = [];
      harness = await makeHarness(handler);
    });

    afterEach(() => harness.close());

    it('knows both addresses', async () => {
      const { session } = await connect();
      expect(session.socket.remoteAddress).toMatch(/^.+:\d+$/);
      expect(session.socket.localAddress).toMatch(/^.+:\d+$/);
    });

    it('hands over input in order and sends output', async () => {
      const { peer, session } = await connect();
      for (const part of ['PING\r\n', 'ECHO ', 'x\r\n']) peer.send(bytes(part));
      await until(() => session.input.length === 14);
      expect(session.input).toBe('PING\r\nECHO x\r\n');
      session.socket.write(bytes('+PONG\r\n'));
      session.socket.write(new Uint8Array(0));
      session.socket.write(bytes('$1\r\nx\r\n'));
      await until(() => peer.receivedBytes === 14);
      expect(text(peer.received())).toBe('+PONG\r\n$1\r\nx\r\n');
    });

    it('keeps sessions apart', async () => {
      const first = await connect();
      const second = await connect();
      first.peer.send(bytes('one'));
      second.peer.send(bytes('two'));
      await until(() => first.session.input === 'one' && second.session.input === 'two');
    });

    it('sends what was written although buffers are reused wherever write permits it', async () => {
      const { peer, session } = await connect();
      peer.pauseReading();
      const written = writeUntilRefused(session);
      expect(session.socket.queuedBytes).toBeGreaterThan(0);
      const drainsBefore = session.drains;
      peer.resumeReading();
      await until(() => peer.receivedBytes === written);
      const received = peer.received();
      let wrong = 0;
      for (let chunk = 0; chunk * CHUNK_BYTES < written; chunk++) {
        const part = received.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
        for (const byte of part) if (byte !== chunk % 251) wrong++;
      }
      expect(wrong).toBe(0);
      await until(() => session.drains > drainsBefore);
      expect(session.socket.queuedBytes).toBe(0);
    });

    it('tells when the queue is empty after each time that write answered false, however little waited', async () => {
      const { peer, session } = await connect();
      for (let round = 0; round < 3; round++) {
        const before = session.drains;
        peer.pauseReading();
        writeUntilRefused(session);
        session.socket.write(bytes('the last few bytes'));
        peer.resumeReading();
        await until(() => session.drains > before);
        expect(session.socket.queuedBytes).toBe(0);
      }
    });

    it('reads nothing more while reading is paused, beyond a bounded amount', async () => {
      const { peer, session } = await connect();
      session.socket.pauseReading();
      const sent = 16 * 1024 * 1024;
      for (let i = 0; i < sent / CHUNK_BYTES; i++) peer.send(new Uint8Array(CHUNK_BYTES).fill(97));
      for (let round = 0; round < 20; round++) await harness.settle();
      expect(session.input.length).toBeLessThanOrEqual(CHUNK_BYTES);
      session.socket.resumeReading();
      await until(() => session.input.length === sent);
    });

    it('sends everything before end closes', async () => {
      const { peer, session } = await connect();
      peer.pauseReading();
      const written = writeUntilRefused(session);
      session.socket.write(bytes('+OK\r\n'));
      session.socket.end();
      session.socket.end();
      session.socket.write(bytes('after the end'));
      peer.resumeReading();
      await until(() => peer.closed && session.closes === 1);
      expect(peer.receivedBytes).toBe(written + 5);
    });

    it('hands over no input after end', async () => {
      const { peer, session } = await connect();
      session.socket.end();
      peer.send(bytes('too late'));
      await until(() => session.closes === 1);
      expect(session.input).toBe('');
    });

    it('closes at once when destroyed, and takes writes afterwards', async () => {
      const { peer, session } = await connect();
      session.socket.destroy();
      expect(session.closes).toBe(0);
      expect(session.socket.write(bytes('into the void'))).toBe(true);
      session.socket.end();
      session.socket.destroy();
      await until(() => peer.closed && session.closes === 1);
    });

    it('tells once that the client has gone', async () => {
      const { peer, session } = await connect();
      peer.destroy();
      await until(() => session.closes === 1);
      session.socket.write(bytes('nobody reads this'));
      for (let round = 0; round < 5; round++) await harness.settle();
      expect(session.closes).toBe(1);
    });

    it('still sends the reply to a client that has ended its side', async () => {
      const { peer, session } = await connect();
      peer.send(bytes('PING\r\n'));
      peer.end();
      await until(() => session.input === 'PING\r\n');
      await harness.settle();
      session.socket.write(bytes('+PONG\r\n'));
      await until(() => session.closes === 1 && peer.closed);
      expect(text(peer.received())).toBe('+PONG\r\n');
    });
  });
}
