import { BatchBody, GetEntry, KeyEntry, SetEntry } from './batch-entries.js';
import { KeyQuery, PutQuery } from './key-queries.js';
import { methodsAt } from './routes.js';
import { FilterBody, StoreBody, StoreChangesBody, TtlPrefixBody } from './store-body.js';
import { RestFixture } from './testing/rest-fixture.js';
import { faultsOf, type Schemas } from './testing/schema-faults.js';
import { fieldsOf } from './validation.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: Record<string, unknown>;
  readonly example?: unknown;
}
interface Content {
  readonly schema: Record<string, unknown>;
  readonly example?: unknown;
  readonly examples?: Record<string, { readonly value: unknown }>;
}
interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, Content> };
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, Content> }>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Schemas; readonly securitySchemes: Record<string, unknown> };
}

describe('the OpenAPI document', () => {
  let rest: RestFixture;
  let document: Document;
  let operations: { path: string; method: string; operation: Operation }[];
  beforeAll(async () => {
    rest = await RestFixture.start();
    document = (await (await rest.fetch('/docs-json')).json()) as Document;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    );
  });
  afterAll(() => rest.stop());

  it('says what it is, and describes every route with every method', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'HyperCache', version: '0.1.0' } });
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/api/v1/cluster',
      '/api/v1/cluster/events',
      '/api/v1/cluster/moves',
      '/api/v1/cluster/nodes/{node}',
      '/api/v1/cluster/nodes/{node}/drain',
      '/api/v1/cluster/partitions',
      '/api/v1/cluster/rebalance',
      '/api/v1/cluster/ring',
      '/api/v1/config',
      '/api/v1/policies',
      '/api/v1/stores',
      '/api/v1/stores/{store}',
      '/api/v1/stores/{store}/batch/delete',
      '/api/v1/stores/{store}/batch/get',
      '/api/v1/stores/{store}/batch/set',
      '/api/v1/stores/{store}/filter',
      '/api/v1/stores/{store}/keys/{key}',
      '/api/v1/stores/{store}/stats',
    ]);
    for (const [path, item] of Object.entries(document.paths)) {
      const described = Object.keys(item).map((method) => method.toUpperCase());
      const allowed = methodsAt(path.replaceAll(/[{}]/g, '')) ?? [];
      expect(new Set([...described, ...(described.includes('GET') ? ['HEAD'] : [])])).toEqual(new Set(allowed));
    }
  });

  it('names each operation once, with summary, tag, path parameters and a success', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      expect(operation.summary).toBeTruthy();
      expect(operation.tags).toHaveLength(1);
      const inPath = operation.parameters.filter((each) => each.in === 'path').map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
      const keys = operation.parameters.map((each) => `${each.in} ${each.name}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '500']));
    }
  });

  it('refers only to schemas that exist, and uses all of them', () => {
    const text = JSON.stringify(document);
    const used = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]));
    const present = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...used].toSorted()).toEqual(present.toSorted());
  });

  it('gives an example for every body and parameter, each valid', () => {
    for (const { operation } of operations) {
      const contents = [operation.requestBody, ...Object.values(operation.responses)].flatMap((each) =>
        Object.values(each?.content ?? {}),
      );
      for (const { schema, example, examples = {} } of contents) {
        const values = [
          ...[example ?? schema.example].filter((each) => each !== undefined),
          ...Object.values(examples).map(({ value }) => value),
        ];
        expect(values.length).toBeGreaterThan(0);
        for (const value of values) expect(faultsOf(value, schema, document.components.schemas)).toEqual([]);
      }
      const without = operation.parameters.filter(({ example, schema }) => (example ?? schema?.example) === undefined);
      expect(without).toEqual([]);
    }
  });

  it('names the fields that are checked', () => {
    const { schemas } = document.components;
    const propertiesOf = (name: string): string[] => Object.keys(schemas[name].properties as object).toSorted();
    expect(propertiesOf('GetEntry')).toEqual([...fieldsOf(GetEntry)].toSorted());
    expect(propertiesOf('SetEntry')).toEqual([...fieldsOf(SetEntry)].toSorted());
    expect(propertiesOf('KeyEntry')).toEqual([...fieldsOf(KeyEntry)].toSorted());
    expect(propertiesOf('NewStore')).toEqual([...fieldsOf(StoreBody)].toSorted());
    expect(propertiesOf('StoreChanges')).toEqual([...fieldsOf(StoreChangesBody)].toSorted());
    expect(propertiesOf('StoreFilterChanges')).toEqual([...fieldsOf(FilterBody)].toSorted());
    expect(propertiesOf('TtlPrefix')).toEqual([...fieldsOf(TtlPrefixBody)].toSorted());
    expect(propertiesOf('BatchGet')).toEqual([...fieldsOf(BatchBody)]);
    const queriesOf = (method: string): string[] =>
      document.paths['/api/v1/stores/{store}/keys/{key}'][method].parameters
        .filter((each) => each.in === 'query')
        .map(({ name }) => name)
        .toSorted();
    expect(queriesOf('get')).toEqual([...fieldsOf(KeyQuery)].toSorted());
    expect(queriesOf('put')).toEqual([...fieldsOf(PutQuery)].toSorted());
  });

  it('describes what is really answered', async () => {
    const json = async (path: string, init?: RequestInit): Promise<unknown> =>
      (await rest.fetch(`/api/v1/${path}`, init)).json();
    const matches = (value: unknown, name: string): void =>
      expect(faultsOf(value, document.components.schemas[name], document.components.schemas)).toEqual([]);
    await rest.fetch('/api/v1/stores/default/keys/k', { method: 'PUT', body: 'v' });
    matches(await json('stores'), 'Stores');
    matches(await json('stores/default'), 'StoreDetail');
    rest.gateway.failures.push('BUSY');
    matches(await json('stores/sessions'), 'StoreDetail');
    matches(await json('stores/sessions/stats'), 'StoreStatistics');
    matches(await json('stores/sessions/filter'), 'StoreFilterDetail');
    rest.gateway.failures.push('BUSY');
    matches(await json('stores/sessions/filter'), 'StoreFilterDetail');
    matches(await json('policies'), 'Policies');
    const created = await rest.post('/api/v1/stores', { name: 'web', ttl_prefixes: [{ prefix: 'a', ttl_ms: 1 }] });
    matches(created.body, 'Store');
    matches(await json('config'), 'Settings');
    matches(await json('cluster'), 'Cluster');
    matches(await json('cluster/partitions'), 'Partitions');
    matches(await json('cluster/ring'), 'Ring');
    matches(await json('stores/default/keys/k', { headers: { Accept: 'application/json' } }), 'Entry');
    matches(await json('stores/default/keys/absent'), 'Problem');
    matches(await json('stores/default/keys/k?database=x'), 'Problem');
    for (const operation of ['set', 'get', 'delete']) {
      const entries = [
        { key: 'k', ...(operation === 'set' ? { value: 'v' } : {}) },
        { key: 'j', ...(operation === 'set' ? { value: 'v' } : {}) },
      ];
      rest.gateway.failures.push('CLUSTERDOWN The cluster is down');
      matches((await rest.post(`/api/v1/stores/default/batch/${operation}`, { entries })).body, 'BatchReply');
    }
  });

  it('is shown by a page that fetches nothing from elsewhere', async () => {
    const page = await rest.fetch('/docs');
    const html = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(files).toHaveLength(4);
    for (const file of files) {
      const response = await rest.fetch(`/${file}`);
      expect(response.status).toBe(200);
      await response.arrayBuffer();
    }
    const slash = await rest.fetch('/docs/', { redirect: 'manual' });
    expect(new URL(slash.headers.get('location') ?? '', `${rest.url}/docs/`).pathname).toBe('/docs');
    for (const path of ['/docs/../package.json', '/docs/package.json', '/docs/%2e%2e/package.json', '/docsx']) {
      expect((await rest.fetch(path)).status).toBe(404);
    }
  });
});
