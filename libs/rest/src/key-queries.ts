import { IsIn, IsOptional, Matches } from '#libs/validation';

/** How a key stands in the path. */
export const KEY_PATH_ENCODINGS = ['percent', 'base64url'] as const;
export type KeyPathEncoding = (typeof KEY_PATH_ENCODINGS)[number];

const DATABASE = /^(?:[0-9]|1[0-5])$/;
const WHOLE_NUMBER = /^[0-9]{1,13}$/;

/** Query of a request for one key; values are texts, as they stand in the URL. */
export class KeyQuery {
  @IsOptional()
  @IsIn(KEY_PATH_ENCODINGS, { message: KEY_PATH_ENCODINGS.join(' or ') })
  encoding?: KeyPathEncoding;

  @IsOptional()
  @Matches(DATABASE, { message: 'an integer from 0 to 15' })
  database?: string;
}

/** Query of a PUT. */
export class PutQuery extends KeyQuery {
  @IsOptional()
  @Matches(WHOLE_NUMBER, { message: 'seconds, an integer from 1' })
  ttl?: string;

  @IsOptional()
  @Matches(WHOLE_NUMBER, { message: 'milliseconds, an integer from 1' })
  ttl_ms?: string;

  @IsOptional()
  @IsIn(['true', 'false'], { message: 'true or false' })
  keep_ttl?: string;
}

/** Query of the cluster's events. */
export class EventsQuery {
  @IsOptional()
  @Matches(/^[0-9]{1,15}$/, { message: 'an index of an event, an integer from 0' })
  since?: string;

  @IsOptional()
  @Matches(/^(?:[1-9][0-9]{0,2}|1000)$/, { message: 'an integer from 1 to 1000' })
  limit?: string;
}

/** Query of a batch and of a store. */
export class DatabaseQuery {
  @IsOptional()
  @Matches(DATABASE, { message: 'an integer from 0 to 15' })
  database?: string;
}
