import { Module } from '@nestjs/common';
import { StorageModule } from '#libs/service';

/** A storage node: owns partitions and executes their operations. */
@Module({ imports: [StorageModule] })
export class StorageNodeAppModule {}
