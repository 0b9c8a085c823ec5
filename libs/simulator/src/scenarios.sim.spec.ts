import { MEMORY_SCENARIOS } from './memory-scenarios.js';
import { SCENARIOS } from './scenarios.js';
import { runScenario, type Scenario } from './stage.js';

describe('scenarios', () => {
  it.each(SCENARIOS.map((scenario) => [`${scenario.name}: ${scenario.promise}`, scenario] as const))(
    '%s',
    (_name, scenario) => {
      expect(runScenario(scenario)).toEqual([]);
    },
  );
});

describe('the checker', () => {
  it('does not accept that a key is gone where no event says that it was evicted', () => {
    const scenario = MEMORY_SCENARIOS[0];
    const deaf: Scenario = {
      ...scenario,
      seeds: 1,
      run: (stage) => {
        stage.cluster.history.lose = () => undefined;
        scenario.run(stage);
      },
    };
    expect(runScenario(deaf).join('\n')).toMatch(/no explanation for filler\d+/);
  });
});
