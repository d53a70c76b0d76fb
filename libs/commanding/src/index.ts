export { CommandCatalogue } from './command-catalogue';
export { DeclaredCommand, commandClassOf, commandHandlerOf } from './command-bus';
export type { Approaching, CommandAside, Told } from './command-aside';
export { CommandGateway } from './command-gateway';
export type { Prepared, Sender, Sent } from './command-gateway';
export { ROLES, commandsOn, referencesTo, routeOf } from './command-spec';
export type { CommandEntry, CommandSpec, Reference, Role } from './command-spec';
export {
  FitsSchema,
  IsAttributes,
  IsCurrencyCode,
  IsDay,
  IsInstant,
  IsMoney,
  SCHEMA_KEY,
} from './validation/decorators';
export { Given, IsId } from './validation/fields';
export { typeStorage } from './validation/class-transformer.codec';
export { inputInvalid, validateInput } from './validation/validate-input';
export { NeedsRole, ROLE } from './http/role';
export { BULK_TYPE, BulkController } from './http/bulk/bulk.controller';
export { CatalogueController } from './http/catalogue.controller';
export { commandControllers } from './http/command-controllers';
export { parseJson } from './http/json-text';
export { principalOf, requireRole } from './http/principal';
export type { CommandRequest, Principal } from './http/principal';
export { PROBLEM_TYPE, isUnavailable, problem, problemOf } from './http/problem';
export type { Problem } from './http/problem';
export { checkCorrelationId, isCorrelationId } from './http/request-headers';
