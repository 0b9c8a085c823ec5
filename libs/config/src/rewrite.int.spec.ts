import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableSetting } from '#libs/cluster';
import { changeOf, loadConfig, RuntimeConfig, SettingsFile, rewriteText as rewriteWith } from './index.js';

const SHIPPED = 'configs/hypercache.yaml';

function rewriteText(text: string, settings: readonly TableSetting[]): string {
  return rewriteWith(text, settings.map(changeOf));
}

function removed(text: string, path: string): string {
  return rewriteWith(text, [{ path, source: undefined }]);
}

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
    expect(text).toContain('memory: # heading only\n  pressure:\n    evict_percent: 92\n');
    expect(text).toContain('max_client_output_bytes: 64mb\n');
    expect(text).toContain('enabled: true\n');
    expect(text).toContain('# level: INFO');
    expect(text).toContain('RAFT: DEBUG');
    expect(rewriteText(text, settings)).toBe(text);
  });

  it('touches no other line of the shipped file', () => {
    const text = readFileSync(SHIPPED, 'utf8');
    const changed = rewriteText(text, [
      { path: 'limits.max_clients', value: '77' },
      { path: 'memory.pressure.evict_percent', value: '91' },
      { path: 'limits.max_client_output_bytes', value: '128mb' },
    ]);
    const expected = text
      .replace('max_clients: 10000 ', 'max_clients: 77 ')
      .replace('evict_percent: 90 ', 'evict_percent: 91 ')
      .replace('max_client_output_bytes: 256mb ', 'max_client_output_bytes: 128mb ');
    expect(changed).toBe(expected);
    const added = rewriteText(text, [{ path: 'logging.components', value: 'RAFT=DEBUG' }]);
    const lines = new Set(added.split('\n'));
    expect(text.split('\n').filter((line) => !lines.has(line))).toEqual([]);
    expect(added.split('\n')).toHaveLength(text.split('\n').length + 1);
    expect(added).toContain('\n  components: {RAFT: DEBUG}\n');
    expect(removed(added, 'logging.components')).toBe(text);
  });

  it.each([
    ['a list on lines of its own', 'debug:\n  components:\n    - RAFT # why\n\n# end\n', '\n\n# end\n'],
    ['no line break at the end', 'logging:\n  level: WARN', 'logging:\n  level: WARN\n'],
    ['a heading without settings', 'debug: # what\n# end\n', 'debug: # what\n  components: [BUS]\n# end\n'],
    ['a setting without a value', 'debug:\n  components: # which\n', 'debug:\n  components: [BUS] # which\n'],
    ['a mapping in braces', 'debug: {enabled: yes} # x\n', 'enabled: yes'],
    ['line breaks of Windows', 'debug:\r\n  enabled: true\r\n', 'true\r\n  components: [BUS]\r\n'],
    ['nothing', '', 'debug:\n  components: [BUS]\n'],
    ['only comments', '# a\n', '# a\ndebug:\n  components: [BUS]\n'],
    ['an anchor elsewhere', 'a: &x 1\ndebug:\n  level: *x\n', 'a: &x 1\ndebug:\n  level: *x\n  components'],
    ['a text over lines', 'debug:\n  level: |\n    INFO\nz: 1\n', '    INFO\n  components: [BUS]\nz: 1\n'],
  ])('copes with %s', (_what, text, kept) => {
    const changed = rewriteText(text, [{ path: 'debug.components', value: 'BUS' }]);
    expect(changed).toContain(kept);
    expect(changed).toMatch(/components: \[ ?BUS ?\]/);
    expect(rewriteText(changed, [{ path: 'debug.components', value: 'BUS' }])).toBe(changed);
    expect(removed(changed, 'debug.components')).not.toContain('components: [');
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
      new SettingsFile(link).rewrite([{ path: 'logging.level', value: 'TRACE' }]);
      const config = loadConfig({ argv: ['--config', link], env: {}, role: 'standalone' });
      expect(config.logging.level).toBe('TRACE');
      expect(statSync(file).mode & 0o777).toBe(0o640);
      expect(readdirSync(folder).sort()).toEqual(['link.yaml', 'real.yaml']);
      const before = readFileSync('configs/hypercache.yaml', 'utf8').match(/#.*/g);
      expect(readFileSync(file, 'utf8').match(/#.*/g)).toEqual(before);
    });

    it('puts back what stood there when a change is taken back', () => {
      const file = join(folder, 'own.yaml');
      const text = 'limits: # bounds\n  max_clients: 0x3E8 # ours\n';
      writeFileSync(file, text);
      const config = new RuntimeConfig(loadConfig({ argv: ['--config', file], env: {}, role: 'gateway' }));
      config.follow([
        { path: 'limits.max_clients', value: '77' },
        { path: 'logging.level', value: 'TRACE' },
      ]);
      expect(config.rewrite()).toBeUndefined();
      expect(readFileSync(file, 'utf8')).toBe(`${text.replace('0x3E8', '77')}logging:\n  level: TRACE\n`);
      config.follow([]);
      expect(config.rewrite()).toBeUndefined();
      expect(readFileSync(file, 'utf8')).toBe(`${text.replace('0x3E8', '1000')}logging:\n`);
      expect(loadConfig({ argv: ['--config', file], env: {}, role: 'gateway' }).limits.maxClients).toBe(1000);
    });

    it('fails where there is no file', () => {
      expect(() => new SettingsFile(join(folder, 'none.yaml')).rewrite([])).toThrow('ENOENT');
    });
  });
});
