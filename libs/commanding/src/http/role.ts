import { SetMetadata } from '@nestjs/common';
import type { CustomDecorator } from '@nestjs/common';
import type { Role } from '../command-spec';

/** Metadata key of a route's role. */
export const ROLE = 'guanxi:role';

/** The role that a key needs for a route; any one of them where several are named. */
export const NeedsRole = (...roles: readonly Role[]): CustomDecorator => SetMetadata(ROLE, roles);
