import { BooleanSetting, PortSetting, TextSetting } from './setting-types.js';

/** Where the node listens. Port 0 takes any free port. */
export class NetworkConfig {
  @TextSetting({
    doc: 'Address to listen on; `0.0.0.0` for every interface, which needs a password or a network that is trusted.',
    env: ['HC_HOST'],
    flag: 'host',
    pattern: /^[^\s/]{1,255}$/,
    allowed: 'a host name or an address, such as 127.0.0.1 or 0.0.0.0',
  })
  host = '127.0.0.1';

  @PortSetting({ doc: "Port of Redis's protocol (gateway).", env: ['HC_RESP_PORT'], flag: 'resp-port' })
  respPort = 6_379;

  @PortSetting({ doc: 'Port of REST and its documentation (gateway).', env: ['HC_HTTP_PORT'], flag: 'http-port' })
  httpPort = 8_080;

  @PortSetting({ doc: 'Port of health and metrics (every service).', env: ['HC_ADMIN_PORT'], flag: 'admin-port' })
  adminPort = 6_380;
}

/** Which protocols a gateway speaks. */
export class ProtocolsConfig {
  @BooleanSetting({
    doc: "Whether the gateway serves Redis's protocol.",
    env: ['HC_RESP_ENABLED'],
    flag: 'resp-enabled',
  })
  respEnabled = true;

  @BooleanSetting({ doc: 'Whether the gateway serves REST.', env: ['HC_REST_ENABLED'], flag: 'rest-enabled' })
  restEnabled = true;
}
