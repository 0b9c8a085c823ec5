import { Controller, Get, UseGuards } from '@nestjs/common';
import { policyRows } from '#libs/commands';
import { BearerGuard } from './bearer-guard.js';
import { API_PREFIX } from './rest-options.js';

interface PolicyReply {
  readonly name: string;
  readonly doc: string;
  readonly bytes_per_entry: number;
  readonly redis_names: readonly string[];
  /** Store types whose preset it is. */
  readonly default_of: readonly string[];
}

/** The eviction policies that stores may have. */
@Controller(`${API_PREFIX}/policies`)
@UseGuards(BearerGuard)
export class PoliciesController {
  @Get()
  list(): { readonly policies: readonly PolicyReply[] } {
    const policies = policyRows().map(({ name, doc, bytesPerEntry, redisNames, defaultOf }) => ({
      name,
      doc,
      bytes_per_entry: bytesPerEntry,
      redis_names: redisNames,
      default_of: defaultOf,
    }));
    return { policies };
  }
}
