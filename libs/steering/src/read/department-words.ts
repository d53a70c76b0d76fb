/** What analysts should know of `department`. */
export const departmentWords = {
  about: 'Departments.',
  columns: {
    name: 'Name.',
    externalRef: 'Its name in the system from which it came.',
    parent: 'Key of the department to which it belongs.',
    definedAt: 'When it was set up.',
  },
} as const;
