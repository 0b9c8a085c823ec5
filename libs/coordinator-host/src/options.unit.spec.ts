import { coordinatorOptions, type CoordinatorOptions } from './options.js';

const given = { cluster: 'test', nodeId: 'c1' };

describe('a coordinator’s options', () => {
  it('have defaults', () => {
    expect(coordinatorOptions(given)).toMatchObject({ heartbeatMs: 500, suspectAfterMs: 1500, downAfterMs: 3000 });
  });

  const refusals: [string, Partial<CoordinatorOptions>][] = [
    ['cluster', { cluster: 'a.b' }],
    ['nodeId', { nodeId: '' }],
    ['partitionCount', { partitionCount: 100 }],
    ['heartbeatMs', { heartbeatMs: 0 }],
    ['suspectAfterMs', { suspectAfterMs: 500 }],
    ['downAfterMs', { downAfterMs: 1500 }],
    ['forgetAfterMs', { forgetAfterMs: 100 }],
    ['maxConcurrentMoves', { maxConcurrentMoves: 0 }],
  ];
  it.each(refusals)('are refused where %s cannot work, by name', (name, change) => {
    expect(() => coordinatorOptions({ ...given, ...change })).toThrow(new RegExp(`^${name}: `));
  });
});
