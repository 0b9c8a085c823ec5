/** A program of its own: a load generator that its parent tells what to do, see load-process.ts. */
import { LoadGenerator } from './load-generator.js';
import type { LoadCall, LoadReply } from './load-process.js';

let load: LoadGenerator | undefined;

async function answer(call: LoadCall): Promise<unknown> {
  if (call.name === 'open') {
    load = await LoadGenerator.open(call.args[0]);
    return undefined;
  }
  if (load === undefined) throw new Error('the load has not been opened');
  switch (call.name) {
    case 'fill':
      return load.fill();
    case 'readAll':
      return load.readAll();
    case 'peak':
      return load.peak(...call.args);
    case 'begin':
      return load.begin(...call.args);
    case 'end':
      return load.end();
    case 'window':
      return load.window(...call.args);
    case 'failures':
      return load.failures();
  }
}

process.on('message', (call: LoadCall) => {
  const reply = (message: LoadReply): void => void process.send?.(message);
  answer(call).then(
    (result) => reply({ id: call.id, result }),
    (error: unknown) => reply({ id: call.id, error: error instanceof Error ? error.message : String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
