import fc from 'fast-check';
import { formatTraceparent, parseTraceparent } from './index.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('traceparent', () => {
  it('reads the example of the specification', () => {
    const parsed = parseTraceparent(`00-${TRACE}-${SPAN}-01`);
    expect(parsed?.sampled).toBe(true);
    expect([...(parsed?.context.traceId ?? [])].slice(0, 3)).toEqual([0x0a, 0xf7, 0x65]);
    expect([...(parsed?.context.spanId ?? [])].slice(0, 3)).toEqual([0xb7, 0xad, 0x6b]);
  });

  it('reads the sampled flag among others', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.sampled).toBe(false);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-02`)?.sampled).toBe(false);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-03`)?.sampled).toBe(true);
  });

  it('reads what a later version begins with', () => {
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-01-more`)?.sampled).toBe(true);
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01`)?.sampled).toBe(true);
  });

  it.each([
    '',
    'garbage',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-more`,
    `cc-${TRACE}-${SPAN}-01more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
    `01-${TRACE}-${SPAN}-01-${'x'.repeat(1_000)}`,
  ])('ignores %j', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it('reads what it writes', () => {
    const id = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length }).filter((bytes) => bytes.some((byte) => byte !== 0));
    fc.assert(
      fc.property(id(16), id(8), fc.boolean(), (traceId, spanId, sampled) => {
        const header = formatTraceparent({ traceId, spanId }, sampled);
        expect(header).toHaveLength(55);
        expect(parseTraceparent(header)).toEqual({ context: { traceId, spanId }, sampled });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseTraceparent(text)));
  });
});
