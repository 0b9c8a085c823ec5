import { Global, Module, type DynamicModule, type Type } from '@nestjs/common';
import { AdminModule } from './admin.module.js';
import {
  CONFIG,
  CONTROL_BUS,
  DATA_BUS,
  LOGGER,
  METRICS_REGISTRY,
  SERVICE_CONTEXT,
  type ServiceContext,
} from './service-context.js';
import { ServiceHealth } from './service-health.js';
import { ServiceLifecycle } from './service-lifecycle.js';

/** The root of a service: hands the context to all modules, and serves health and metrics. */
@Global()
@Module({})
export class ServiceModule {
  static register(context: ServiceContext, ...imports: readonly (Type<unknown> | DynamicModule)[]): DynamicModule {
    const providers = [
      { provide: SERVICE_CONTEXT, useValue: context },
      { provide: CONTROL_BUS, useValue: context.control },
      { provide: DATA_BUS, useValue: context.data },
      { provide: LOGGER, useValue: context.logger },
      { provide: CONFIG, useValue: context.config },
      { provide: METRICS_REGISTRY, useValue: context.metrics },
      { provide: ServiceHealth, useValue: context.health },
      { provide: ServiceLifecycle, useValue: context.lifecycle },
    ];
    return {
      module: ServiceModule,
      imports: [AdminModule, ...imports],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
