import { ListSetting, TextListSetting, TextSetting } from './setting-types.js';

/** A user of `AUTH user password`. */
export class UserConfig {
  @TextSetting({ doc: 'Name of the user.', pattern: /^\S{1,128}$/, allowed: '1 to 128 characters without spaces' })
  name = '';

  @TextSetting({ doc: 'Password of the user.', pattern: /^.{1,512}$/s, allowed: '1 to 512 characters', secret: true })
  password = '';
}

/** Who may use the gateway. Without a password and users everybody who reaches its ports may. */
export class SecurityConfig {
  @TextSetting({
    doc: 'Password of the user `default`, which is also that of plain `AUTH password`.',
    defaultText: 'none: no authentication',
    env: ['HC_PASSWORD'],
    flag: 'password',
    secret: true,
    pattern: /^.{0,512}$/s,
    allowed: 'up to 512 characters',
  })
  password = '';

  @ListSetting(UserConfig, {
    doc: 'Further users, each with `name` and `password`.',
    defaultText: 'none',
    secret: true,
  })
  users: readonly UserConfig[] = [];

  @TextListSetting({
    doc: 'Bearer tokens that REST accepts. Without any, REST is open to everybody who reaches its port.',
    defaultText: 'none: no authentication',
    env: ['HC_REST_TOKENS'],
    flag: 'rest-tokens',
    secret: true,
    pattern: /^[\x21-\x7e]{8,512}$/,
    allowed: 'a list of tokens of 8 to 512 printable characters without spaces',
  })
  restTokens: readonly string[] = [];
}
