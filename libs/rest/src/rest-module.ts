import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BatchController } from './batch-controller.js';
import { BearerGuard } from './bearer-guard.js';
import { ClusterController } from './cluster-controller.js';
import { ClusterOperationsController } from './cluster-operations-controller.js';
import { CommandRunner } from './command-runner.js';
import { ConfigController } from './config-controller.js';
import { KeysController } from './keys-controller.js';
import { ProblemFilter } from './problem-filter.js';
import { BodyReader } from './request-body.js';
import { REST_OPTIONS, type RestOptions } from './rest-options.js';
import { PoliciesController } from './policies-controller.js';
import { StoresController } from './stores-controller.js';

/** REST's controllers. What must happen before Nest's router is done by `setUpRest`. */
@Module({})
export class RestModule {
  static register(options: RestOptions): DynamicModule {
    return {
      module: RestModule,
      controllers: [
        StoresController,
        KeysController,
        BatchController,
        ClusterController,
        ClusterOperationsController,
        PoliciesController,
        ConfigController,
      ],
      providers: [
        { provide: REST_OPTIONS, useValue: options },
        CommandRunner,
        BodyReader,
        BearerGuard,
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: [REST_OPTIONS],
    };
  }
}
