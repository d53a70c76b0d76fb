import { Controller, Get, Inject } from '@nestjs/common';
import { CommandCatalogue } from '../command-catalogue';
import { ROLES, routeOf } from '../command-spec';
import { NeedsRole } from './role';

/** The declared commands, for clients' help. */
@Controller('v1/commands')
export class CatalogueController {
  constructor(@Inject(CommandCatalogue) private readonly catalogue: CommandCatalogue) {}

  @Get()
  @NeedsRole(...ROLES)
  list(): object {
    const commands = this.catalogue.commands.map((spec) => ({
      name: spec.name,
      route: routeOf(spec),
      role: spec.role,
      summary: spec.summary,
      opens: spec.verb === undefined,
      example: spec.example,
    }));
    return { commands };
  }
}
