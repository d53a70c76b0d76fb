/** What analysts should know of `product`. */
export const productWords = {
  about: 'Products.',
  columns: {
    name: 'Name.',
    externalRef: 'Its name in the system from which it came.',
    family: 'Family of products.',
    listPrice: 'Price by the list: amount in minor units, and currency.',
    attributes: 'Custom fields.',
    status: 'active or retired.',
    definedAt: 'When it was added.',
    retiredAt: 'When it was given up.',
  },
} as const;
