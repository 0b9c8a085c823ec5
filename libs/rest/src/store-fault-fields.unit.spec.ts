import { refusedDefinition } from './store-fault-fields.js';

it('names the fields of bodies, each with its own element', () => {
  const { problem } = refusedDefinition('memoryLimitBytes -1: use 0 or 1mb; ttlPrefixes "a; b": is given twice');
  expect(problem).toMatchObject({
    status: 400,
    code: 'INVALID_REQUEST',
    detail: 'memory_limit_bytes -1: use 0 or 1mb; ttl_prefixes "a; b": is given twice',
    errors: [
      { field: 'memory_limit_bytes', value: '-1', allowed: '0 or 1mb' },
      { field: 'ttl_prefixes', value: '"a; b"', allowed: 'is given twice' },
    ],
  });
});

it('names the field also where the cluster is what is short of it', () => {
  const { problem } = refusedDefinition('replicas 3: use 1; "storage-1" cannot replicate yet');
  expect(problem.errors).toEqual([{ field: 'replicas', value: '3', allowed: '1; "storage-1" cannot replicate yet' }]);
});

it('leaves other refusals as they are', () => {
  expect(refusedDefinition('the store "default" cannot be dropped').problem.errors).toBeUndefined();
});
