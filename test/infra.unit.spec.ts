// What the containers, Prometheus and Grafana are given agrees with the code: names of settings, of metrics and of files.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { renderConfigurationReference } from '#libs/config';
import { METRICS } from '#libs/metrics-prom';
import { readText, ROOT, sourceFiles } from './support/source-tree.js';

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
}

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly targets?: readonly { readonly expr: string }[] }[];
}

const COMPOSE_FILES = ['docker-compose.yml', 'infra/docker-compose.nats3.yml'];
const METRIC = /\bhypercache_[a-z_]+/g;
const HISTOGRAM_SERIES = /_(?:bucket|sum|count)$/;

const compose = (path: string): ComposeFile => parse(readText(path), { merge: true }) as ComposeFile;
const services = COMPOSE_FILES.flatMap((path) => Object.values(compose(path).services));
const dockerfile = readText('Dockerfile');

describe('containers', () => {
  it('are given settings that exist', () => {
    const inCompose = services.flatMap(({ environment }) => Object.keys(environment ?? {}));
    const inDockerfile = [...dockerfile.matchAll(/\b(HC_[A-Z_]+)=/g)].map(([, name]) => name);
    const given = [...inCompose, ...inDockerfile].filter((name) => /^(?:HC_|NATS_|OTEL_)/.test(name));
    expect(given).toContain('NATS_URL');
    const reference = renderConfigurationReference();
    expect(given.filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
  });

  it('mount files that exist', () => {
    const mounts = services.flatMap(({ volumes }) => volumes ?? []).filter((mount) => mount.startsWith('./'));
    expect(mounts.length).toBeGreaterThan(3);
    expect(mounts.map((mount) => mount.split(':')[0]).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('are built from targets and programs that exist', () => {
    const targets = services.flatMap(({ build }) => (build === undefined ? [] : [build.target]));
    expect(new Set(targets)).toEqual(new Set(['coordinator', 'storage-node', 'gateway']));
    for (const target of [...targets, 'standalone']) expect(dockerfile).toContain(` AS ${target}\n`);
    const programs = [...dockerfile.matchAll(/dist\/(apps\/[a-z-]+\/src\/main)\.js/g)].map(([, path]) => `${path}.ts`);
    expect(programs).toHaveLength(4);
    expect(programs.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('come from images of one exact version', () => {
    const others = services.flatMap(({ image, build }) => (build === undefined && image ? [image] : []));
    expect(others.filter((image) => !/:v?\d+\.\d+(?:\.\d+)?(?:-[a-z]+)?$/.test(image))).toEqual([]);
  });
});

describe('dashboards and alert rules', () => {
  const known = new Set<string>(Object.values(METRICS).map(({ name }) => name));
  const files = sourceFiles(['infra'], ['.json', '.yml']);

  it('name metrics that exist', () => {
    const named = files.flatMap(({ path, text }) => (text.match(METRIC) ?? []).map((name) => ({ path, name })));
    expect(named.length).toBeGreaterThan(20);
    const unknown = named.filter(({ name }) => !known.has(name) && !known.has(name.replace(HISTOGRAM_SERIES, '')));
    expect(unknown).toEqual([]);
  });

  it('give every panel its own id and something to ask', () => {
    for (const { text } of files.filter(({ path }) => path.includes('/dashboards/') && path.endsWith('.json'))) {
      const { panels } = JSON.parse(text) as Dashboard;
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const { targets } of panels) for (const { expr } of targets ?? []) expect(expr).not.toBe('');
    }
  });

  it('say for every alert how bad it is and what is wrong', () => {
    const { groups } = parse(readText('infra/prometheus/alerts.yml')) as {
      groups: { rules: { alert: string; labels: { severity: string }; annotations: { summary: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
    }
  });
});
