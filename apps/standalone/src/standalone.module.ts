import { Module } from '@nestjs/common';
import { CoordinatorModule, GatewayModule, StorageModule } from '#libs/service';

/** The three hosts of a cluster in one process, on the in-process bus. */
@Module({ imports: [CoordinatorModule, StorageModule, GatewayModule] })
export class StandaloneAppModule {}
