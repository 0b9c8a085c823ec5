import type { DynamicModule } from '@nestjs/common';
import { ApiModule, type ServiceContext } from '#libs/service';

/** What the HTTP port serves. Modules of the API are given to `register`, imported here when REST is on. */
export async function makeApi(context: ServiceContext): Promise<DynamicModule> {
  return ApiModule.register(context);
}
