import { API_PREFIX } from './rest-options.js';

interface Route {
  readonly path: RegExp;
  readonly methods: readonly string[];
}

const READ = ['GET', 'HEAD'];
const KEY = ['GET', 'HEAD', 'PUT', 'DELETE'];

/** Which methods each path takes: what tells "no such path" from "not this method". A test holds it to the API's description. */
const ROUTES: readonly Route[] = [
  route('stores', [...READ, 'POST']),
  route('stores/[^/]+', [...READ, 'PATCH', 'DELETE']),
  route('stores/[^/]+/stats', READ),
  route('stores/[^/]+/filter', [...READ, 'PUT']),
  route('policies', READ),
  route('stores/[^/]+/keys/.+', KEY),
  route('stores/[^/]+/batch/(?:get|set|delete)', ['POST']),
  route('config', [...READ, 'PATCH']),
  route('cluster', READ),
  route('cluster/partitions', READ),
  route('cluster/ring', READ),
  route('cluster/nodes/[^/]+', ['DELETE']),
  route('cluster/nodes/[^/]+/drain', ['POST', 'DELETE']),
  route('cluster/rebalance', ['POST', 'DELETE']),
  route('cluster/moves', READ),
  route('cluster/events', READ),
  { path: /^\/docs(?:-json)?$/, methods: READ },
];

/** Undefined where there is nothing at this path. */
export function methodsAt(path: string): readonly string[] | undefined {
  return ROUTES.find((each) => each.path.test(path))?.methods;
}

function route(pattern: string, methods: readonly string[]): Route {
  return { path: new RegExp(`^/${API_PREFIX}/${pattern}/?$`, 's'), methods };
}
