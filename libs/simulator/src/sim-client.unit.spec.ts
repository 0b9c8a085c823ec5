import { latin1Bytes, latin1Text } from '#libs/kernel';
import { type ClientCommand, type CommandResult, echo, get, getAll, increment, set, setAll } from './client-command.js';
import { EventQueue } from './event-queue.js';
import { History } from './history.js';
import { SimClient } from './sim-client.js';

function makeClient() {
  const queue = new EventQueue();
  const history = new History();
  const findings: string[] = [];
  const state = { pausedMs: 0, closed: 0, sent: '' };
  const client = new SimClient(1, {
    queue,
    history,
    replyWithinMs: 100,
    gatewayPausedMs: () => state.pausedMs,
    onFinding: (text) => findings.push(text),
    onClosed: () => state.closed++,
  });
  client.attach({ send: (bytes) => (state.sent += latin1Text(bytes, 0, bytes.length)), breakOff: () => undefined });
  const results: CommandResult[] = [];
  const send = (...commands: ClientCommand[]): void => client.send(commands, (result) => results.push(result));
  const receive = (text: string): void => client.onBytes(latin1Bytes(text));
  const outcomes = (): string[] => results.map(({ outcome }) => outcome);
  return { queue, history, findings, state, client, results, outcomes, send, receive };
}

describe('simulated client', () => {
  it('matches replies to commands in order, whatever the chunks', () => {
    const { send, receive, results, findings, state, history } = makeClient();
    send(set('k', 'v'), get('k'), increment('c'), getAll(['k', 'none']), echo('x'));
    expect(state.sent).toContain('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n');
    for (const char of '+OK\r\n$1\r\nv\r\n:1\r\n*2\r\n$1\r\nv\r\n$-1\r\n$1\r\nx\r\n') receive(char);
    expect(results.map(({ answers }) => answers)).toEqual([['OK'], ['v'], [1], ['v', null], []]);
    expect(findings).toEqual([]);
    expect(history.operations.map(({ key, id }) => [key, id])).toEqual([
      ['k', 0],
      ['k', 1],
      ['c', 2],
      ['k', 3],
      ['none', 4],
    ]);
  });

  it('tells errors without an effect from those of unknown outcome', () => {
    const { send, receive, outcomes, findings } = makeClient();
    send(
      set('k', 'v'),
      set('k', 'v'),
      setAll([
        ['k', '1'],
        ['l', '2'],
      ]),
    );
    receive('-CLUSTERDOWN The cluster is down\r\n-TIMEOUT no answer\r\n-TRYAGAIN later\r\n');
    expect(outcomes()).toEqual(['failed', 'unknown', 'unknown']);
    expect(findings).toEqual([]);
  });

  it.each([
    [get('k'), ':5\r\n'],
    [set('k', 'v'), '$1\r\nv\r\n'],
    [increment('c'), '+OK\r\n'],
    [getAll(['a', 'b']), '*1\r\n$-1\r\n'],
    [echo('x'), '$1\r\ny\r\n'],
    [get('k'), '-ERR internal error\r\n'],
  ])('finds that a reply is not one of its command', (command, reply) => {
    const { send, receive, outcomes, findings } = makeClient();
    send(command);
    receive(reply);
    expect(outcomes()).toEqual(['unknown']);
    expect(findings).toHaveLength(1);
  });

  it('finds replies too many, malformed ones and late ones, but allows for pauses of the gateway', () => {
    const surplus = makeClient();
    surplus.receive('+OK\r\n');
    expect(surplus.findings).toEqual(['connection 1: a reply without a command']);
    const malformed = makeClient();
    malformed.send(get('k'));
    malformed.receive('what\r\n');
    expect(malformed.findings).toEqual(['connection 1: malformed reply']);
    expect([malformed.client.isOpen, malformed.state.closed]).toEqual([false, 1]);
    const late = makeClient();
    late.send(get('k'), get('k'));
    late.queue.runFor(150);
    late.receive('$-1\r\n');
    expect(late.findings).toEqual(['connection 1: GET k was answered after 150 ms']);
    late.state.pausedMs = 80;
    late.receive('$-1\r\n');
    expect(late.findings).toHaveLength(1);
  });

  it('does not know what became of commands that were unanswered when the connection broke', () => {
    const { client, send, outcomes, history, state } = makeClient();
    send(set('k', 'v'));
    expect(client.pending).toBe(1);
    client.close();
    client.onClosed();
    expect(outcomes()).toEqual(['unknown']);
    expect(history.operations[0]).toMatchObject({ outcome: 'unknown', returnMs: Infinity });
    expect(state.closed).toBe(1);
  });
});
