import { runScenario, SCENARIOS } from './scenarios.js';

describe('scenarios', () => {
  it.each(SCENARIOS.map((scenario) => [`${scenario.name}: ${scenario.promise}`, scenario] as const))(
    '%s',
    (_name, scenario) => {
      expect(runScenario(scenario)).toEqual([]);
    },
  );
});
