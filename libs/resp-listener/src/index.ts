export type { ListenerTraffic, RespListenerOptions, RespListenerTls } from './listener-options.js';
export { ListenError } from './listen-error.js';
export { RespListener } from './resp-listener.js';
