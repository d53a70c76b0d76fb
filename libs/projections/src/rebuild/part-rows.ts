import { OWN_COLUMNS, historyOf, placeOf } from '../own-columns';
import type { AnyReadModel } from '../read-model';
import { tablesOf } from '../read-model';
import { fieldColumns } from '../row-codec';
import { RowShape } from '../row-shape';
import type { KeyVersions } from '../versions';
import { CopyRows } from './copy-rows';

/** Rows of one table as a binary COPY. */
export interface TableRows {
  readonly table: string;
  /** The columns' names. */
  readonly names: string;
  readonly bytes: Buffer;
}

/** Rows of one generation's tables, gathered for COPY. */
export class PartRows {
  private readonly current: CopyRows;
  private readonly history: CopyRows;
  private readonly movements: CopyRows;
  private readonly streams: CopyRows;
  private readonly shape: RowShape;
  private readonly movementShape: RowShape;

  /** @param like rows of another part: these will take about as much room */
  constructor(model: AnyReadModel, like?: PartRows) {
    const fields = fieldColumns(model.columns);
    const moved = fieldColumns(model.movements?.columns ?? {});
    this.shape = new RowShape(model.columns);
    this.movementShape = new RowShape(model.movements?.columns ?? {});
    this.current = new CopyRows(fields, OWN_COLUMNS.current, roomFor(like?.current));
    this.history = new CopyRows(fields, OWN_COLUMNS.history, roomFor(like?.history));
    this.movements = new CopyRows(moved, OWN_COLUMNS.movements, roomFor(like?.movements));
    this.streams = new CopyRows([], OWN_COLUMNS.streams, roomFor(like?.streams));
  }

  /** Adds all rows of a key. @throws UnstorableValue; the rows gathered so far are void then */
  add(key: string, { current, lastAt, closed, movements }: KeyVersions): void {
    for (const version of closed)
      this.history.add(key, this.shape.valuesOfSettled(version.row), historyOf(version));
    for (const placed of movements)
      this.movements.add(key, this.movementShape.valuesOf(placed.movement), placeOf(placed));
    if (current && lastAt) {
      const own = [current.validFrom, current.openedPos, lastAt];
      this.current.add(key, this.shape.valuesOfSettled(current.row), own);
    }
  }

  /** Adds that a stream speaks about a key. */
  note(key: string, stream: string, position: bigint): void {
    this.streams.add(key, [], [stream, position]);
  }

  /** The tables that get rows, each with them; no row may be added after that. */
  tables(generation: string): readonly TableRows[] {
    const names = tablesOf(generation);
    const all = [
      [names.current, this.current],
      [names.history, this.history],
      [names.movements, this.movements],
      [names.streams, this.streams],
    ] as const;
    return all
      .filter(([, { count }]) => count > 0)
      .map(([table, rows]) => ({ table, names: rows.names, bytes: rows.whole() }));
  }
}

/** Parts differ by a few per cent. */
const ROOM = 1.1;
const roomFor = (like: CopyRows | undefined): number => Math.ceil((like?.size ?? 0) * ROOM);
