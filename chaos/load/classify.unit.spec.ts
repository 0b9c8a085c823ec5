import { ERRORS, type ErrorCode, errorText } from '#libs/kernel';
import { REPLY_KINDS } from '../../bench/lib/load/reply-stream.js';
import { classifyReply } from './classify.js';
import type { Operation } from './operation.js';
import { tokenFor, valueOf } from './values.js';

const { ok, bulk, nil, error, integer } = REPLY_KINDS;
const read: Operation = { kind: 'read', key: 'r1', argument: null };
const write: Operation = { kind: 'write', key: 'r1', argument: 'r1.1.0' };
const setIfAbsent: Operation = { kind: 'set-if-absent', key: 'r1', argument: 'r1.2.0' };
const remove: Operation = { kind: 'delete', key: 'r1', argument: null };
const increment: Operation = { kind: 'increment', key: 'c3', argument: 1 };
const readCounter: Operation = { kind: 'read', key: 'c3', argument: null };

describe('classifyReply', () => {
  it.each([
    [read, nil, '', null],
    [read, bulk, valueOf(tokenFor('r1', 7, 30)), tokenFor('r1', 7, 30)],
    [readCounter, bulk, '41', '41'],
    [write, ok, 'OK', undefined],
    [setIfAbsent, ok, 'OK', true],
    [setIfAbsent, nil, '', false],
    [remove, integer, '1', true],
    [remove, integer, '0', false],
    [increment, integer, '42', 42],
  ])('takes the result of %j', (operation, kind, text, result) => {
    expect(classifyReply(operation, kind, text)).toEqual({ outcome: 'ok', result });
  });

  it.each(['CLUSTER_DOWN', 'TRY_AGAIN', 'BUSY', 'LOG_REFUSES', 'OUT_OF_MEMORY'] as const)(
    'takes %s for not executed',
    (code) => {
      const reply = classifyReply(write, error, errorText(code));
      expect(reply).toMatchObject({ outcome: 'failed', reason: expect.stringContaining(ERRORS[code].prefix) });
      expect(reply.defect).toBeUndefined();
    },
  );

  it.each(['TIMEOUT', 'LOG_FAILED'] as const)('takes %s for an unknown outcome', (code) => {
    const reply = classifyReply(write, error, errorText(code));
    expect(reply.outcome).toBe('unknown');
    expect(reply.defect).toBeUndefined();
  });

  it('tells the two kinds of MISCONF apart, also with details behind them', () => {
    expect(classifyReply(write, error, `${errorText('LOG_REFUSES')}: no space`).outcome).toBe('failed');
    expect(classifyReply(write, error, `${errorText('LOG_FAILED')}: no space`).outcome).toBe('unknown');
  });

  it('never takes an error for "not executed" that does not promise it', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { outcome } = classifyReply(write, error, errorText(code));
      if (outcome === 'failed') expect([code, ERRORS[code].httpStatus >= 400]).toEqual([code, true]);
      else expect([code, outcome]).toEqual([code, 'unknown']);
    }
    expect(classifyReply(write, error, errorText('INTERNAL'))).toMatchObject({
      outcome: 'unknown',
      defect: 'a client got -ERR internal error',
    });
    expect(classifyReply(write, error, 'WHAT is this').defect).toBe('a client got -WHAT is this');
  });

  it('finds replies of the wrong type', () => {
    expect(classifyReply(write, bulk, 'x')).toMatchObject({
      outcome: 'unknown',
      defect: 'write was answered with bulk x',
    });
    expect(classifyReply(increment, integer, 'many').defect).toBeDefined();
    expect(classifyReply(remove, integer, '2').defect).toBeDefined();
  });

  it('marks a value that nobody wrote', () => {
    expect(classifyReply(read, bulk, 'r1.7.30|abc').result).toMatch(/^broken: /);
  });
});
