import type { Instant } from '@guanxi/kernel';
import { idOf } from '@guanxi/kernel';
import type { ReadModel, Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { Filters, ListParameters, page } from '@guanxi/querying';
import { IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import type { DepartmentEvent } from '../domain/department';
import { departmentEvents } from '../domain/department';
import { departmentWords } from './department-words';

/** A department; `parent` is the id of the one that it belongs to. */
export interface DepartmentRow {
  readonly name: string;
  readonly externalRef?: string;
  readonly parent?: string;
  readonly definedAt: Instant;
}

export const departments: ReadModel<DepartmentRow, DepartmentEvent, never> = {
  name: 'departments',
  words: departmentWords,
  version: 1,
  types: departmentEvents.map(({ type }) => type),
  keyOf: ({ stream }) => idOf(stream),
  columns: { name: 'text', externalRef: 'text', parent: 'uuid', definedAt: 'timestamptz' },
  evolve: (row, event) => row ?? { ...event.data, definedAt: event.at },
};

export class DepartmentParameters extends ListParameters {
  /** Name begins with this text. */
  @IsOptional() @IsString() @MaxLength(200) readonly name?: string;
  @IsOptional() @IsString() @MaxLength(200) readonly externalRef?: string;
  @IsOptional() @IsUUID() readonly parent?: string;
}

type DepartmentItem = DepartmentRow & { readonly id: string };

/** One page of the list of departments. */
export const listDepartments = (
  snapshot: Snapshot,
  parameters: DepartmentParameters,
): Promise<Page<DepartmentItem>> =>
  page<DepartmentItem>(snapshot, {
    from: `${snapshot.of(departments)} d`,
    select: `d.id, ${selectList(departments.columns, 'd.')}`,
    filters: new Filters()
      .prefix('d.name', parameters.name)
      .equals('d.external_ref', parameters.externalRef)
      .equals('d.parent', parameters.parent),
    sortable: {
      name: { column: 'd.name', type: 'text' },
      definedAt: { column: 'd.defined_at', type: 'timestamptz' },
    },
    defaultSort: 'name',
    parameters,
    idColumn: 'd.id',
  });
