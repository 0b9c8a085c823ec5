export { RestModule } from './rest-module.js';
export { REST_OPTIONS, type RestOptions } from './rest-options.js';
export type { ExecuteOptions, RestGateway } from './rest-gateway.js';
export { REST_APPLICATION_OPTIONS, setUpRest } from './set-up-rest.js';
