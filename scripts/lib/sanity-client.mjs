// One connection of npm run sanity to a gateway: commands and their replies, in order.
import { connect } from 'node:net';

const CONNECT_LIMIT_MS = 5_000;
const REPLY_LIMIT_MS = 10_000;

export class SanityClient {
  #socket;
  #resp;
  #waiting = [];
  #bytes = Buffer.alloc(0);

  /** @throws {Error} that names the address, where nothing answers there or the password is wrong */
  static async open(address, { user, password }, resp) {
    const client = new SanityClient(address, resp);
    try {
      await client.#connected();
      if (password !== undefined) await client.run('AUTH', ...(user === undefined ? [] : [user]), password);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  constructor(address, resp) {
    this.address = address;
    this.name = `${address.host}:${address.port}`;
    this.#resp = resp;
    this.#socket = connect({ ...address, noDelay: true });
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('the connection was closed'));
  }

  /** The reply: text, a number, null or an array. @throws {Error} with an error reply's text */
  run(...words) {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new Error(`${this.name}: no reply to ${words[0]} within ${REPLY_LIMIT_MS / 1000} s`)),
        REPLY_LIMIT_MS,
      );
      this.#waiting.push({ words, limit, resolve, reject });
      this.#socket.write(this.#resp.encodeCommand(words.map((word) => Buffer.from(String(word), 'utf8'))));
    });
  }

  close() {
    this.#socket.destroy();
  }

  #connected() {
    return new Promise((resolve, reject) => {
      const fail = (reason) => reject(new Error(`${this.name}: ${reason}`));
      const limit = setTimeout(() => fail(`no connection within ${CONNECT_LIMIT_MS / 1000} s`), CONNECT_LIMIT_MS);
      this.#socket.once('connect', resolve);
      this.#socket.once('error', (error) => fail(error.message || error.code));
      this.#socket.once('connect', () => clearTimeout(limit));
      this.#socket.once('error', () => clearTimeout(limit));
    });
  }

  #take(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let offset = 0;
    while (offset < this.#bytes.length) {
      const length = this.#resp.replyLength(this.#bytes, offset, this.#bytes.length);
      if (length === 0) break;
      if (length < 0) return this.#socket.destroy(new Error('what came is no reply'));
      this.#answer(this.#resp.decodeReply(this.#bytes.subarray(offset, offset + length)));
      offset += length;
    }
    this.#bytes = Buffer.from(this.#bytes.subarray(offset));
  }

  #answer(reply) {
    const call = this.#waiting.shift();
    if (call === undefined) return;
    clearTimeout(call.limit);
    if (reply instanceof this.#resp.RespError) {
      call.reject(new Error(`${this.name}: ${call.words[0]} answered "${reply.message}"`));
    } else {
      call.resolve(plain(reply));
    }
  }

  #end(reason) {
    for (const { limit, reject, words } of this.#waiting.splice(0)) {
      clearTimeout(limit);
      reject(new Error(`${this.name}: ${reason} before ${words[0]} was answered`));
    }
  }
}

function plain(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return Array.isArray(value) ? value.map(plain) : value;
}
