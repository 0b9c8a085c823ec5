import { GatewayBench } from '../testing/gateway-bench.js';

const SYNTAX = '-ERR syntax error\r\n';

let bench: GatewayBench;
beforeEach(() => {
  bench = new GatewayBench();
});

describe('PING, ECHO, QUIT, RESET', () => {
  it('answer as Redis', () => {
    expect(bench.run('PING')).toBe('+PONG\r\n');
    expect(bench.run('ping "a b"')).toBe('$3\r\na b\r\n');
    expect(bench.run('PING a b')).toBe("-ERR wrong number of arguments for 'ping' command\r\n");
    expect(bench.run('ECHO ""')).toBe('$0\r\n\r\n');
    expect(bench.run('RESET')).toBe('+RESET\r\n');
    expect(bench.run('QUIT')).toBe('+OK\r\n');
    expect(bench.closed).toEqual([1]);
  });
});

describe('SELECT', () => {
  it('takes a database of the default store or the name of another store', () => {
    expect(bench.run('SELECT 15')).toBe('+OK\r\n');
    expect([bench.session.store, bench.session.database]).toEqual(['default', 15]);
    expect(bench.run('SELECT sessions')).toBe('+OK\r\n');
    expect([bench.session.store, bench.session.database]).toEqual(['sessions', 0]);
    expect(bench.run('SELECT 2')).toBe('+OK\r\n');
    expect([bench.session.store, bench.session.database]).toEqual(['default', 2]);
  });

  it('stays where it is on an error', () => {
    expect(bench.run('SELECT 16')).toBe('-ERR DB index is out of range\r\n');
    expect(bench.run('SELECT -1')).toBe('-ERR DB index is out of range\r\n');
    expect(bench.run('SELECT 99999999999')).toMatch(/^-ERR value is out of range, value must between/);
    expect(bench.run('SELECT nosuch')).toBe('-ERR unknown store\r\n');
    expect(bench.run(`SELECT ${'x'.repeat(10_000)}`)).toBe('-ERR unknown store\r\n');
    expect([bench.session.store, bench.session.database]).toEqual(['default', 0]);
  });
});

describe('AUTH and HELLO', () => {
  const wrongPass = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';

  it('AUTH needs a configured password, and the right one', () => {
    expect(bench.run('AUTH x')).toMatch(/^-ERR AUTH <password> called without any password configured/);
    bench.passwords.set('default', 'secret').set('alice', 'pw');
    bench.session.authenticated = false;
    expect(bench.run('AUTH wrong')).toBe(wrongPass);
    expect(bench.run(`AUTH ${'x'.repeat(5000)}`)).toBe(wrongPass);
    expect(bench.run(`AUTH ${'x'.repeat(5000)} pw`)).toBe(wrongPass);
    expect(bench.run('AUTH a b c')).toBe(SYNTAX);
    expect(bench.session.authenticated).toBe(false);
    expect(bench.run('AUTH secret')).toBe('+OK\r\n');
    expect(bench.session.user).toBe('default');
    expect(bench.run('AUTH alice pw')).toBe('+OK\r\n');
    expect(bench.session.user).toBe('alice');
  });

  it('HELLO changes the protocol of its own reply', () => {
    const fields =
      '$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.0\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n';
    const rest = '$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n';
    expect(bench.run('HELLO 3 SETNAME me')).toBe(`%7\r\n${fields}${rest}`);
    expect([bench.session.protocol, bench.session.name]).toEqual([3, 'me']);
    expect(bench.run('HELLO')).toMatch(/^%7/);
    expect(bench.run('HELLO 2')).toMatch(/^\*14\r\n/);
  });

  it('HELLO refuses as Redis, and then changes nothing', () => {
    expect(bench.run('HELLO 4')).toBe('-NOPROTO unsupported protocol version\r\n');
    expect(bench.run('HELLO x')).toBe('-ERR Protocol version is not an integer or out of range\r\n');
    expect(bench.run('HELLO 3 foo')).toBe("-ERR Syntax error in HELLO option 'foo'\r\n");
    expect(bench.run('HELLO 3 auth a')).toBe("-ERR Syntax error in HELLO option 'auth'\r\n");
    expect(bench.run('HELLO 3 SETNAME "a b"')).toMatch(/^-ERR Client names cannot contain spaces/);
    bench.passwords.set('default', 'secret');
    bench.session.authenticated = false;
    expect(bench.run('HELLO 3')).toMatch(/^-NOAUTH HELLO must be called/);
    expect(bench.run('HELLO 3 AUTH default x')).toBe(wrongPass);
    expect(bench.session.protocol).toBe(2);
    expect(bench.run('HELLO 3 AUTH default secret')).toMatch(/^%7/);
    expect(bench.session.authenticated).toBe(true);
  });
});

describe('CLIENT', () => {
  it('ID, names and library', () => {
    expect(bench.run('CLIENT ID')).toBe(':1\r\n');
    expect(bench.run('CLIENT GETNAME')).toBe('$-1\r\n');
    expect(bench.run('CLIENT SETNAME me')).toBe('+OK\r\n');
    expect(bench.run('CLIENT GETNAME')).toBe('$2\r\nme\r\n');
    expect(bench.run(`CLIENT SETNAME ${'x'.repeat(2000)}`)).toMatch(/^-ERR Client names/);
    expect(bench.run('CLIENT SETNAME ""')).toBe('+OK\r\n');
    expect(bench.run('CLIENT GETNAME')).toBe('$-1\r\n');
    expect(bench.run('CLIENT SETINFO LIB-NAME ioredis')).toBe('+OK\r\n');
    expect(bench.run('CLIENT SETINFO lib-ver 6.0')).toBe('+OK\r\n');
    expect(bench.run('CLIENT SETINFO x y')).toBe("-ERR Unrecognized option 'x'\r\n");
    expect(bench.run('CLIENT SETINFO LIB-VER "a b"')).toMatch(/^-ERR lib-ver cannot contain spaces/);
    expect([bench.session.libraryName, bench.session.libraryVersion]).toEqual(['ioredis', '6.0']);
  });

  it('INFO and LIST have lines as Redis 7.2', () => {
    bench.session.lastCommandName = 'client|info';
    bench.session.noEvict = true;
    const line =
      'id=1 addr=127.0.0.1:50001 laddr=127.0.0.1:6379 fd=-1 name= age=5 idle=1 flags=e db=0 sub=0 psub=0 ssub=0 ' +
      'multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r ' +
      'cmd=client|info user=default redir=-1 resp=2 lib-name= lib-ver=\n';
    expect(bench.run('CLIENT INFO')).toBe(`$${line.length}\r\n${line}\r\n`);
    expect(bench.run('CLIENT LIST').match(/id=\d/g)).toEqual(['id=1', 'id=2', 'id=3']);
    expect(bench.run('CLIENT LIST')).toContain('cmd=NULL');
    expect(bench.run('CLIENT LIST ID 3 1 9').match(/id=\d/g)).toEqual(['id=1', 'id=3']);
    expect(bench.run('CLIENT LIST TYPE normal').match(/id=\d/g)).toHaveLength(3);
    expect(bench.run('CLIENT LIST TYPE pubsub')).toBe('$0\r\n\r\n');
    expect(bench.run('CLIENT LIST TYPE foo')).toBe("-ERR Unknown client type 'foo'\r\n");
    expect(bench.run('CLIENT LIST ID x')).toBe('-ERR Invalid client ID\r\n');
    expect(bench.run('CLIENT LIST ID')).toBe(SYNTAX);
    bench.session.protocol = 3;
    expect(bench.run('CLIENT INFO')).toMatch(/^=\d+\r\ntxt:id=1 /);
  });

  it('KILL by address, and by filters that all must hold', () => {
    expect(bench.run('CLIENT KILL 127.0.0.1:50002')).toBe('+OK\r\n');
    expect(bench.run('CLIENT KILL 127.0.0.1:9')).toBe('-ERR No such client\r\n');
    expect(bench.run('CLIENT KILL ID 3')).toBe(':1\r\n');
    expect(bench.run('CLIENT KILL TYPE normal')).toBe(':2\r\n');
    expect(bench.run('CLIENT KILL TYPE master SKIPME no')).toBe(':0\r\n');
    expect(bench.run('CLIENT KILL LADDR 127.0.0.1:6379 SKIPME no USER default')).toBe(':3\r\n');
    expect(bench.run('CLIENT KILL ADDR 127.0.0.1:50003 USER nobody')).toBe(':0\r\n');
    expect(bench.run('CLIENT KILL ADDR 127.0.0.1:50003 ID 2')).toBe(':0\r\n');
    expect(bench.run('CLIENT KILL LADDR x ID 2')).toBe(':0\r\n');
    expect(bench.closed).toEqual([2, 3, 2, 3, 1, 2, 3]);
    expect(bench.run('CLIENT KILL ID 0')).toBe('-ERR client-id should be greater than 0\r\n');
    expect(bench.run('CLIENT KILL ID 2 ADDR')).toBe(SYNTAX);
    expect(bench.run('CLIENT KILL SKIPME maybe')).toBe(SYNTAX);
    expect(bench.run('CLIENT KILL TYPE foo')).toBe("-ERR Unknown client type 'foo'\r\n");
  });

  it('REPLY answers ON alone, and SKIP does not end OFF', () => {
    expect(bench.run('CLIENT REPLY SKIP')).toBe('');
    expect(bench.session.replyMode).toBe('skip');
    expect(bench.run('CLIENT REPLY OFF')).toBe('');
    expect(bench.run('CLIENT REPLY SKIP')).toBe('');
    expect(bench.session.replyMode).toBe('off');
    expect(bench.run('CLIENT REPLY ON')).toBe('+OK\r\n');
    expect(bench.session.replyMode).toBe('on');
    expect(bench.run('CLIENT REPLY x')).toBe(SYNTAX);
  });

  it('NO-EVICT, NO-TOUCH and HELP', () => {
    expect(bench.run('CLIENT NO-EVICT ON')).toBe('+OK\r\n');
    expect(bench.run('CLIENT NO-TOUCH on')).toBe('+OK\r\n');
    expect([bench.session.noEvict, bench.session.noTouch]).toEqual([true, true]);
    expect(bench.run('CLIENT NO-EVICT off')).toBe('+OK\r\n');
    expect(bench.run('CLIENT NO-EVICT x')).toBe(SYNTAX);
    expect(bench.run('CLIENT NO-TOUCH x')).toBe(SYNTAX);
    expect(bench.session.noEvict).toBe(false);
    expect(bench.run('CLIENT HELP')).toMatch(
      /^\*\d+\r\n\+CLIENT <subcommand> [^]*\+HELP\r\n\+ {4}Prints this help\.\r\n$/,
    );
  });
});
