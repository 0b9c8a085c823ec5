// SET and GET over RESP: standalone and a cluster against redis-server in the same session; ratios, CPU, start, memory
import { parseRespOptions, USAGE } from './resp/options.js';
import { runResp } from './resp/run-resp.js';
import { runSuite } from './lib/suite.js';

await runSuite(USAGE, async (args, resources) => {
  const options = parseRespOptions(args);
  const verdicts = await runResp(options, resources);
  return options.check && verdicts.some(({ reached }) => !reached) ? 1 : 0;
});
