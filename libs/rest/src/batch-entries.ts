import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, IsOptional, IsString, Max, Min } from '#libs/validation';
import { REST_BOUNDS } from './rest-options.js';

/** How bytes stand in JSON. */
export const TEXT_ENCODINGS = ['utf8', 'base64'] as const;
export type TextEncoding = (typeof TEXT_ENCODINGS)[number];

const ENCODING = { message: TEXT_ENCODINGS.join(' or ') };
const ENTRY_COUNT = { message: `a list of 1 to ${REST_BOUNDS.maxBatchEntries} entries` };
const TTL = { message: `an integer from 1 to ${REST_BOUNDS.maxTtlMs}` };

/** Body of every batch. The entries are checked one by one, each against the class of its batch. */
export class BatchBody {
  @IsArray(ENTRY_COUNT)
  @ArrayMinSize(1, ENTRY_COUNT)
  @ArrayMaxSize(REST_BOUNDS.maxBatchEntries, ENTRY_COUNT)
  entries!: unknown[];
}

/** An entry of batch/delete. */
export class KeyEntry {
  @IsString({ message: 'a text' })
  key!: string;

  @IsOptional()
  @IsIn(TEXT_ENCODINGS, ENCODING)
  key_encoding?: TextEncoding;
}

/** An entry of batch/get; `encoding` is the one wanted for the value. */
export class GetEntry extends KeyEntry {
  @IsOptional()
  @IsIn(TEXT_ENCODINGS, ENCODING)
  encoding?: TextEncoding;
}

/** An entry of batch/set; `encoding` is that of the value. */
export class SetEntry extends GetEntry {
  @IsString({ message: 'a text' })
  value!: string;

  @IsOptional()
  @IsInt(TTL)
  @Min(1, TTL)
  @Max(REST_BOUNDS.maxTtlMs, TTL)
  ttl_ms?: number;
}
