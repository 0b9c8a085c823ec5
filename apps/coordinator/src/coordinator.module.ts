import { Module } from '@nestjs/common';
import { CoordinatorModule } from '#libs/service';

/** The coordinator: members, the partition table and moves. On the path of no request. */
@Module({ imports: [CoordinatorModule] })
export class CoordinatorAppModule {}
