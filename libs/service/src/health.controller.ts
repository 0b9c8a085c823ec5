import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { ServiceHealth } from './service-health.js';

/** The part of Express's response that is used here. */
interface StatusResponse {
  status(code: number): unknown;
}

/** Liveness and readiness, for orchestrators and load balancers. */
@Controller()
export class HealthController {
  constructor(@Inject(ServiceHealth) private readonly health: ServiceHealth) {}

  /** The process runs and answers. A service that is not ready is alive: restarting it would not help. */
  @Get(['healthz', 'health'])
  alive(): { readonly status: string } {
    return { status: 'ok' };
  }

  /** 200 when the service can do its work, `degraded` with the reasons where something limits it; else 503 with the reasons. */
  @Get('readyz')
  readiness(@Res({ passthrough: true }) response: StatusResponse): {
    readonly status: string;
    readonly reasons: readonly string[];
  } {
    const reasons = this.health.reasons();
    if (reasons.length > 0) {
      response.status(HttpStatus.SERVICE_UNAVAILABLE);
      return { status: 'not ready', reasons };
    }
    const limitations = this.health.limitations();
    return { status: limitations.length === 0 ? 'ready' : 'degraded', reasons: limitations };
  }
}
