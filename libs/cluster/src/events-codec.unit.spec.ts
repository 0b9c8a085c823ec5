import { DecodeError } from '#libs/kernel';
import { noticeOf } from './event-notice.js';
import { decodeEventsReply, decodeEventsRequest, encodeEventsReply, encodeEventsRequest } from './events-codec.js';
import { CLUSTER_LIMITS } from './limits.js';

const notice = (index: number, path = 'a.b'): ReturnType<typeof noticeOf> =>
  noticeOf({ type: 'SettingReset', path, requestId: '' }, index, 1000 + index);

describe('requests for events as bytes', () => {
  it('come back as they were', () => {
    const request = { since: 2 ** 40, limit: CLUSTER_LIMITS.maxListedEvents };
    expect(decodeEventsRequest(encodeEventsRequest(request))).toEqual(request);
  });

  it.each([0, CLUSTER_LIMITS.maxListedEvents + 1])('are refused with the limit %d', (limit) => {
    expect(() => decodeEventsRequest(encodeEventsRequest({ since: 0, limit }))).toThrow(DecodeError);
  });
});

describe('remembered events as bytes', () => {
  it('come back as they were', () => {
    const reply = { firstIndex: 3, lastIndex: 9, notices: [notice(3), notice(4)] };
    expect(decodeEventsReply(encodeEventsReply(reply))).toEqual(reply);
    const none = { firstIndex: 0, lastIndex: 0, notices: [] };
    expect(decodeEventsReply(encodeEventsReply(none))).toEqual(none);
  });

  it('stay within one message, the oldest first', () => {
    const notices = Array.from({ length: 5_000 }, (_, i) => notice(i, 'x'.repeat(1_000)));
    const bytes = encodeEventsReply({ firstIndex: 1, lastIndex: 5_000, notices });
    expect(bytes.length).toBeLessThanOrEqual(CLUSTER_LIMITS.maxListedEventsBytes);
    const read = decodeEventsReply(bytes).notices;
    expect(read.length).toBeGreaterThan(400);
    expect(read).toEqual(notices.slice(0, read.length));
  });

  it('are refused where they are none', () => {
    const bytes = encodeEventsReply({ firstIndex: 1, lastIndex: 2, notices: [notice(1)] });
    expect(() => decodeEventsReply(bytes.subarray(0, bytes.length - 3))).toThrow(DecodeError);
    expect(() => decodeEventsReply(new Uint8Array(CLUSTER_LIMITS.maxListedEventsBytes + 1))).toThrow(DecodeError);
  });
});
