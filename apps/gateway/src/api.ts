import type { DynamicModule, INestApplication } from '@nestjs/common';
import { ApiModule, makeRest, type ServiceContext } from '#libs/service';

/** What the HTTP port serves. */
export async function makeApi(context: ServiceContext, app: INestApplication): Promise<DynamicModule> {
  return ApiModule.register(context, makeRest(context, app));
}
