import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';

/** What every service serves on its admin port: /healthz, /readyz and /metrics. */
@Module({ controllers: [HealthController, MetricsController] })
export class AdminModule {}
