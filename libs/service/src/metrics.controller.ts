import { Controller, Get, Inject, Res } from '@nestjs/common';
import { MetricsRegistry } from '#libs/metrics-prom';
import { METRICS_REGISTRY } from './service-context.js';

/** The part of Express's response that is used here. */
interface TextResponse {
  type(contentType: string): { send(body: string): void };
}

@Controller()
export class MetricsController {
  constructor(@Inject(METRICS_REGISTRY) private readonly registry: MetricsRegistry) {}

  /** Prometheus's text format. */
  @Get('metrics')
  async metrics(@Res() response: TextResponse): Promise<void> {
    const text = await this.registry.metrics();
    response.type(this.registry.contentType).send(text);
  }
}
