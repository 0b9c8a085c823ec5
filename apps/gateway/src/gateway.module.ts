import { Module } from '@nestjs/common';
import { GatewayModule } from '#libs/service';

/** A gateway: Redis clients and REST in front of the storage nodes. Holds no data. */
@Module({ imports: [GatewayModule] })
export class GatewayAppModule {}
