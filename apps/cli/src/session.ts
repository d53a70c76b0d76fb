import { Client } from './client/client';
import { serverSettings } from './client/settings';
import type { Screen } from './import/report';

/** What a command may touch: its environment, the server, and the screen for progress. */
export interface Session {
  readonly env: NodeJS.ProcessEnv;
  /** stderr: progress and messages; stdout belongs to the result. */
  readonly screen: Screen;
  /** For work that must not just break off: aborted by Ctrl-C, which ends the process at once unless this is called. */
  readonly interruption: () => AbortSignal;
  /** Prints a part of the result for people at once; with --json it goes to stderr. */
  readonly tell: (text: string) => void;
}

/** What a command has to say: to a machine, and to people. */
export interface Result {
  readonly json: unknown;
  /** Without it nothing more is printed for people. */
  readonly text?: string;
  /** True when what was asked for was not done, or not in order: exit code 1. */
  readonly failed?: boolean;
  /** What goes on after the result was printed. */
  readonly afterwards?: () => Promise<void>;
}

/** Runs the body of a command and prints its result. */
export type Act = (body: (session: Session) => Promise<Result>) => Promise<void>;

/** The server that the environment names. */
export const serverOf = ({ env }: Session): Client => new Client(serverSettings(env));
