import type { ClientSession } from '../gateway-context.js';

/**
 * A client as a line of CLIENT LIST, in the order of Redis 7.2's fields since tools parse it. What has no meaning here
 * (file descriptors, subscriptions, transactions) has the value of an idle connection.
 */
export function clientLine(session: ClientSession, nowMs: number): string {
  const command = session.lastCommandName === '' ? 'NULL' : session.lastCommandName;
  const memory = session.queuedRequestBytes + session.queuedReplyBytes;
  return [
    `id=${session.id}`,
    `addr=${session.remoteAddress}`,
    `laddr=${session.localAddress}`,
    'fd=-1',
    `name=${session.name}`,
    `age=${seconds(nowMs - session.connectedAtMs)}`,
    `idle=${seconds(nowMs - session.lastCommandAtMs)}`,
    `flags=${flagLetters(session)}`,
    `db=${session.database}`,
    'sub=0 psub=0 ssub=0 multi=-1',
    `qbuf=${session.queuedRequestBytes}`,
    'qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0',
    `omem=${session.queuedReplyBytes}`,
    `tot-mem=${memory}`,
    'events=r',
    `cmd=${command}`,
    `user=${session.user}`,
    'redir=-1',
    `resp=${session.protocol}`,
    `lib-name=${session.libraryName}`,
    `lib-ver=${session.libraryVersion}`,
  ].join(' ');
}

function flagLetters(session: ClientSession): string {
  return (session.noEvict ? 'e' : '') + (session.noTouch ? 'T' : '') || 'N';
}

function seconds(durationMs: number): number {
  return Math.max(0, Math.floor(durationMs / 1000));
}
