import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, rewriteFile, rewriteText } from './index.js';

describe('rewriting a file of settings', () => {
  it('keeps comments, order and what it does not know', () => {
    const text =
      '# head\nlogging:\n  # what is logged\n  level: INFO # quiet\n\n# of clients\nlimits:\n  max_clients: 5\n';
    const settings = [{ path: 'logging.level', value: 'DEBUG' }];
    expect(rewriteText(text, settings)).toBe(text.replace('INFO', 'DEBUG'));
  });

  it('adds sections and settings that are not there, and writes values as YAML has them', () => {
    const settings = [
      { path: 'memory.pressure.evict_percent', value: '92' },
      { path: 'limits.max_client_output_bytes', value: '64mb' },
      { path: 'debug.enabled', value: 'yes' },
      { path: 'debug.components', value: 'RAFT,BUS' },
      { path: 'logging.components', value: 'raft=debug' },
    ];
    const text = rewriteText('memory: # heading only\nlogging:\n  # level: INFO\n', settings);
    expect(text).toContain('memory:\n  # heading only\n  pressure:\n    evict_percent: 92\n');
    expect(text).toContain('max_client_output_bytes: 64mb\n');
    expect(text).toContain('enabled: true\n');
    expect(text).toContain('# level: INFO');
    expect(text).toContain('RAFT: DEBUG');
    expect(rewriteText(text, settings)).toBe(text);
  });

  it('refuses what is no YAML, and leaves it as it is', () => {
    expect(() => rewriteText('a: [', [])).toThrow(/flow/i);
    expect(() => rewriteText('- 1\n', [])).toThrow('the file must be a mapping of sections');
  });

  describe('on disk', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'hc-rewrite-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('makes the generated default file say the same with the changes, under its mode and behind a link', () => {
      const file = join(folder, 'real.yaml');
      const link = join(folder, 'link.yaml');
      writeFileSync(file, readFileSync('configs/hypercache.yaml'), { mode: 0o640 });
      symlinkSync(file, link);
      rewriteFile(link, [{ path: 'logging.level', value: 'TRACE' }]);
      const config = loadConfig({ argv: ['--config', link], env: {}, role: 'standalone' });
      expect(config.logging.level).toBe('TRACE');
      expect(statSync(file).mode & 0o777).toBe(0o640);
      expect(readdirSync(folder).sort()).toEqual(['link.yaml', 'real.yaml']);
      const before = readFileSync('configs/hypercache.yaml', 'utf8').match(/#.*/g);
      expect(readFileSync(file, 'utf8').match(/#.*/g)).toEqual(before);
    });

    it('fails where there is no file', () => {
      expect(() => rewriteFile(join(folder, 'none.yaml'), [])).toThrow('ENOENT');
    });
  });
});
