import type { StreamNow } from './command-path';
import type { Act, Step } from './steps';
import type { Kind, World } from './world';

/** A command that a step has in mind, or word that as things stand another act makes more sense. */
export type Draft =
  | { readonly retry: Act }
  | {
      readonly command: string;
      /** The kind of thing that it makes, or is about. */
      readonly makes?: Kind;
      readonly about?: Kind;
      /** What must be there for it. */
      readonly needs?: Kind;
      /** The act that makes more sense in this state. */
      readonly unless?: (state: unknown) => Act | undefined;
      readonly data: object;
    };

/** Acts by name: from how things stand to what is said. */
export type Acts = { readonly [A in Act]?: (world: World, step: Step, now: StreamNow) => Draft };
