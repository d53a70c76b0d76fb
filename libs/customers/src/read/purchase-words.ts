/** What analysts should know of `purchase`. */
export const purchaseWords = {
  about: 'Purchases and returns in sum. Amounts are in minor units of currency.',
  columns: {
    customerId: 'Key of the customer.',
    kind: 'sale or return.',
    purchasedAt: 'When it was bought.',
    revenue: 'Revenue less what was refunded.',
    costOfGoods: 'What the goods cost; empty where the cost of a line is not known.',
    currency: 'ISO 4217 code of the amounts.',
    refunded: 'What was given back.',
    quantity: 'Sum of the quantities of all lines.',
    lineCount: 'Number of lines.',
    channel: 'Through which channel it was bought.',
    externalRef: 'Its name in the system from which it came.',
    selectionMinutes: 'How long the customer took to choose.',
    corrected: 'True where it was corrected later.',
  },
} as const;
