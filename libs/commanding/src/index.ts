export { CommandCatalogue } from './command-catalogue';
export { DeclaredCommand, commandClassOf, commandHandlerOf } from './command-bus';
export { CommandGateway } from './command-gateway';
export type { Prepared, Sender, Sent } from './command-gateway';
export { ROLES, commandsOn, referencesTo, routeOf } from './command-spec';
export type { CommandEntry, CommandSpec, Reference, Role } from './command-spec';
export { FitsSchema, IsAttributes, IsCurrencyCode, IsDay, IsInstant, IsMoney, SCHEMA_KEY } from './validation/decorators';
export { inputInvalid, validateInput } from './validation/validate-input';
export { NeedsRole, ROLE } from './http/role';
