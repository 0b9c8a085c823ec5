// npm run build [-- --clean]: compiles apps, libs, bench and chaos into dist. --clean starts from an empty dist.
import { ensureReady } from './lib/bootstrap.mjs';
import { build } from './lib/build.mjs';

await ensureReady({ build: false });
try {
  const worked = await build({ clean: process.argv.includes('--clean') });
  if (!worked) console.error('dist is up to date');
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
