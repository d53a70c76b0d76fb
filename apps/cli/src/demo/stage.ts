import type { Client, Parameters } from '../client/client';

/** Where the scenes of the demo are played: a server with a company in it. */
export class Stage {
  constructor(
    readonly client: Client,
    private readonly keyFile: string,
    /** Epoch milliseconds at which the company's simulated life ends. */
    readonly until: number,
    /** Position that every answer has to count in. */
    readonly position: string,
    /** The moment of which every scene tells the truth; now where empty. */
    readonly moment: Parameters,
  ) {}

  /** The line that asks the same by hand. */
  curl(path: string, parameters: Parameters, body?: object): string {
    const key = `-H "Authorization: Bearer $(cat ${this.keyFile})"`;
    const data =
      body === undefined ? '' : ` -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
    return `curl ${key}${data} '${this.client.address(path, parameters)}'`;
  }
}

/** The whole quarters of a year that lie before a moment, the earliest first. */
export function quartersBefore(moment: number, count: number): readonly (readonly [from: Date, to: Date])[] {
  const date = new Date(moment);
  const first = Math.floor(date.getUTCMonth() / 3) * 3;
  const start = (back: number): Date => new Date(Date.UTC(date.getUTCFullYear(), first - 3 * back, 1));
  return Array.from({ length: count }, (_, index): readonly [Date, Date] => [
    start(count - index),
    start(count - index - 1),
  ]);
}
