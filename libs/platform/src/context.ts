import type { CommandSpec } from '@guanxi/commanding';
import type { EventContract } from '@guanxi/kernel';
import type { AnyPolicy } from '@guanxi/policies';
import type { AnyReadModel } from '@guanxi/projections';
import type { Publication } from '@guanxi/publishing';
import type { Type } from '@nestjs/common';

/** What a business context adds to the product; a list of these is the product. */
export interface Context {
  readonly name: string;
  /** Every event type it has ever written. */
  readonly events: readonly EventContract[];
  readonly commands: readonly CommandSpec[];
  readonly readModels: readonly AnyReadModel[];
  /** What it does by itself, when something happened or an instant has come. */
  readonly policies?: readonly AnyPolicy[];
  /** Routes of its queries; the routes of its commands follow from the commands. */
  readonly controllers: readonly Type[];
  /** What it tells the world, a topic each. */
  readonly publishes?: readonly Publication[];
}
