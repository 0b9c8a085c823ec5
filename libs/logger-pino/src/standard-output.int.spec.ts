import { spawnSync } from 'node:child_process';

/** Lets a child process import the sources as they are: `./x.js` is `./x.ts`. */
const HOOKS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      try { return next(specifier, context); } catch { return next(specifier.replace(/\\.js$/, '.ts'), context); }
    },
  });`)}`;

describe('standard output', () => {
  it('has every line when the process exits at once', () => {
    const script = `
      import { createLogger } from ${JSON.stringify(new URL('./pino-logger.ts', import.meta.url).href)};
      const logger = createLogger({ level: 'INFO', bindings: { nodeId: 'n1' } });
      for (let i = 0; i < 1000; i++) logger.log('INFO', 'LIFECYCLE', 'line ' + i);
      process.exit(3);`;
    const flags = ['--no-warnings', '--experimental-transform-types', '--conditions=hc-src', '--import', HOOKS];
    const child = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(child.stderr).toBe('');
    expect(child.status).toBe(3);
    const lines = child.stdout.trim().split('\n');
    expect(lines).toHaveLength(1_000);
    expect(JSON.parse(lines[999])).toMatchObject({ message: 'line 999', nodeId: 'n1' });
  });
});
