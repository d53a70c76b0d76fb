/** How a source is written down. */
export interface SourceFormat {
  readonly format: 'csv' | 'ndjson' | 'whitespace';
  readonly encoding: string;
  readonly separator: string;
  /** The quote character; empty where quotes are ordinary characters. */
  readonly quote: string;
  /** False when the first record is data and `columns` names the columns. */
  readonly header: boolean;
  readonly columns?: readonly string[];
}
