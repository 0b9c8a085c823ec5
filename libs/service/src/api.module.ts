import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import type { ServiceContext } from './service-context.js';
import { ServiceHealth } from './service-health.js';

/**
 * The root of what a gateway serves on its HTTP port: health, and the modules that are given. It is a Nest application
 * of its own, so that guards and filters of the public API cannot reach the admin port, nor metrics the public one.
 */
@Module({})
export class ApiModule {
  static register(context: ServiceContext, ...imports: readonly (Type<unknown> | DynamicModule)[]): DynamicModule {
    return {
      module: ApiModule,
      imports: [...imports],
      controllers: [HealthController],
      providers: [{ provide: ServiceHealth, useValue: context.health }],
    };
  }
}
