import { TypeOrmModule } from '@nestjs/typeorm';

export const board = TypeOrmModule;
