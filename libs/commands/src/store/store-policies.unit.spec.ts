import { POLICY_NAMES, policyByName } from '#libs/cluster';
import * as engine from '#libs/engine';
import { policyRows } from './store-policies.js';

describe('policies', () => {
  it('of the engine are those that definitions may hold, and are listed', () => {
    expect(new Set(engine.POLICY_NAMES)).toEqual(new Set(POLICY_NAMES));
    expect(new Set(policyRows().map(({ name }) => name))).toEqual(new Set(engine.POLICY_NAMES));
  });

  it.each(Object.entries(engine.REDIS_POLICIES))(
    'mean the same by their Redis name %s',
    (redisName, { name, scope }) => {
      const choice = policyByName(redisName);
      expect({ name: choice?.policy, scope: choice?.evictionScope ?? scope }).toEqual({ name, scope });
    },
  );
});
