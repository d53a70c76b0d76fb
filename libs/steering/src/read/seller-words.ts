/** What analysts should know of `seller`. */
export const sellerWords = {
  about: 'Sellers with their place in the organisation.',
  columns: {
    name: 'Name.',
    externalRef: 'Name in the system from which the seller came.',
    department: 'Department, as a key or in words.',
    region: 'Region.',
    manager: 'To whom the seller reports.',
    status: 'active or left.',
    definedAt: 'When the seller was added.',
    leftAt: 'When the seller left.',
  },
} as const;
