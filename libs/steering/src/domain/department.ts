import type { Decider, Decision, EventOf } from '@guanxi/kernel';
import { conflict, event, invalidField } from '@guanxi/kernel';
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { present, sameFields } from './fields';

const DepartmentFields = Type.Object({
  name: Type.String(),
  externalRef: Type.Optional(Type.String()),
  parent: Type.Optional(Type.String()),
});

/** What is known of a department; `parent` is the id of the one that it belongs to. */
export type DepartmentFields = Static<typeof DepartmentFields>;

export const departmentEvents = [event('department-defined.v1', DepartmentFields)] as const;

export type DepartmentEvent = EventOf<typeof departmentEvents>;

/** A department as decisions see it. */
export interface Department {
  readonly fields?: DepartmentFields;
}

export const departmentDecider: Decider<Department, DepartmentEvent> = {
  initial: {},
  evolve: (_department, happened) => {
    switch (happened.type) {
      case 'department-defined.v1':
        return { fields: happened.data };
    }
  },
};

/**
 * Puts a department on the list.
 * @param id the department's own id, which cannot be its parent
 * @throws DomainError `department.exists`
 */
export const defineDepartment =
  (input: DepartmentFields, id: string): Decision<Department, DepartmentEvent> =>
  ({ fields }) => {
    if (input.parent === id) throw invalidField('parent', 'other', 'parent must be another department');
    if (fields === undefined) return [{ type: 'department-defined.v1', data: present(input) }];
    if (sameFields(fields, input)) return [];
    throw conflict('department.exists', 'this department is defined already');
  };
