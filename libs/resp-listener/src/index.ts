export type { ListenerTraffic, ListenerTuning, RespListenerOptions, RespListenerTls } from './listener-options.js';
export { ListenError } from './listen-error.js';
export { RespListener } from './resp-listener.js';
