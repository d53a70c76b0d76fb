import type { Type } from '@nestjs/common';
import { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Req, Res, UnsupportedMediaTypeException } from '@nestjs/common';
import { invalidField } from '@guanxi/kernel';
import { CommandGateway } from '../command-gateway';
import type { Sent } from '../command-gateway';
import type { CommandSpec } from '../command-spec';
import type { CommandAnswer } from './command-answer';
import { answerOf, isCreated } from './command-answer';
import type { CommandRequest } from './principal';
import { principalOf } from './principal';
import { expectedRevisionOf, idempotencyKeyOf } from './request-headers';
import { NeedsRole } from './role';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
}

/** The routes of declared commands: one controller a collection, one method a command, named after it. */
export function commandControllers(commands: readonly CommandSpec[]): readonly Type[] {
  const collections = new Map<string, CommandSpec[]>();
  for (const spec of commands) {
    const own = collections.get(spec.collection);
    if (own) own.push(spec);
    else collections.set(spec.collection, [spec]);
  }
  return [...collections].map(([collection, own]) => controllerOf(collection, own));
}

function controllerOf(collection: string, commands: readonly CommandSpec[]): Type {
  class Commands {
    constructor(@Inject(CommandGateway) readonly gateway: CommandGateway) {}
  }
  Object.defineProperty(Commands, 'name', { value: `${collection}-commands` });
  Controller(`v1/${collection}`)(Commands);
  for (const spec of commands) addRoute(Commands, spec);
  return Commands;
}

function addRoute({ prototype }: { readonly prototype: object }, spec: CommandSpec): void {
  const route = function (
    this: { readonly gateway: CommandGateway },
    request: CommandRequest,
    reply: Reply,
  ): Promise<CommandAnswer> {
    return carryOut(this.gateway, spec, request, reply);
  };
  Object.defineProperty(route, 'name', { value: spec.name });
  const descriptor = { value: route, writable: true, configurable: true };
  Object.defineProperty(prototype, spec.name, descriptor);
  Req()(prototype, spec.name, 0);
  Res({ passthrough: true })(prototype, spec.name, 1);
  for (const decorate of [
    Post(spec.verb === undefined ? '' : `:id/${spec.verb}`),
    HttpCode(200),
    NeedsRole(spec.role),
  ]) {
    decorate(prototype, spec.name, descriptor);
  }
}

async function carryOut(
  gateway: CommandGateway,
  spec: CommandSpec,
  request: CommandRequest,
  reply: Reply,
): Promise<CommandAnswer> {
  const { actor, tenant } = principalOf(request);
  const sent = sentOf(spec, request);
  const answer = answerOf(await gateway.send(spec, sent, { actor, tenant, correlationId: request.id }));
  if (answer.revision >= 0) reply.header('ETag', `"${answer.revision}"`);
  if (isCreated(spec, answer)) reply.status(201).header('Location', `/v1/${spec.collection}/${answer.id}`);
  return answer;
}

/** Data, moment and id lie side by side in the body of a command's own route; the id of an existing thing in its path. */
function sentOf(spec: CommandSpec, { headers, params, body }: CommandRequest): Sent {
  if (body instanceof Readable)
    throw new UnsupportedMediaTypeException('send one command as Content-Type: application/json');
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    throw invalidField('body', 'isObject', 'must be a JSON object');
  }
  const { occurredAt, ...rest }: Readonly<Record<string, unknown>> = { ...body };
  const key = idempotencyKeyOf(headers);
  const expectedRevision = expectedRevisionOf(headers);
  const { id, ...data } = rest;
  return {
    id: spec.verb === undefined ? id : params['id'],
    occurredAt,
    data: spec.verb === undefined ? data : rest,
    ...(key === undefined ? {} : { key }),
    ...(expectedRevision === undefined ? {} : { expectedRevision }),
  };
}
