import type { AnyReadModel } from '../read-model';
import { columnOf } from '../read-model';

/** A column of an analysts' view. */
export interface AnalysisColumn {
  readonly name: string;
  readonly type: string;
  /** What it means. */
  readonly words?: string;
}

/** The engine's columns that a view shows, and the others, which it does not. */
const SHOWN: Readonly<Record<string, string>> = {
  id: 'Key of the row.',
  valid_from: 'Since when the row is as it is.',
};
const HIDDEN = ['opened_pos', 'last_at'];

/** The columns of a view over a read model's table: the engine's first, so that new ones of the model come last. */
export function viewColumns(
  model: AnyReadModel,
  columns: readonly AnalysisColumn[],
): readonly AnalysisColumn[] {
  const own = Object.keys(SHOWN);
  const words = wordsOf(model);
  return [
    ...own.flatMap((name) => columns.filter((column) => column.name === name)),
    ...columns.filter(({ name }) => !own.includes(name) && !HIDDEN.includes(name)),
  ].map((column) => {
    const meaning = words.get(column.name);
    return meaning === undefined ? column : { ...column, words: meaning };
  });
}

/** The columns of a read model's view, from its code. */
export const columnsFromCode = (model: AnyReadModel): readonly AnalysisColumn[] =>
  viewColumns(model, [
    { name: 'id', type: 'uuid' },
    ...Object.entries(model.columns).map(([field, type]) => ({ name: columnOf(field), type: String(type) })),
    { name: 'valid_from', type: 'timestamptz' },
  ]);

function wordsOf({ words }: AnyReadModel): ReadonlyMap<string, string> {
  const own = Object.entries(words?.columns ?? {}).map(
    ([field, meaning]) => [columnOf(field), String(meaning)] as const,
  );
  return new Map([...Object.entries(SHOWN), ...own]);
}

/** What a read model's view is for. */
export const commentOf = ({ name, words }: AnyReadModel): string =>
  words?.about ?? `Rows of ${name} as they stand now.`;
