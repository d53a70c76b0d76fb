import type { CommandMeta, EventMetadata } from '@guanxi/kernel';

/** What travels with the events of a command. */
export function metadataOf(meta: CommandMeta, policyVersion: number): EventMetadata {
  const { commandId, command, commandHash, correlationId, causationId, actor, tenant } = meta;
  return {
    commandId,
    command,
    commandHash,
    correlationId,
    ...(causationId === undefined ? {} : { causationId }),
    actor,
    tenant,
    policyVersion,
  };
}
