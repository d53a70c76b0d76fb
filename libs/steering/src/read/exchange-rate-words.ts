/** What analysts should know of `exchangeRate`. */
export const exchangeRateWords = {
  about: 'Recorded exchange rates; one holds until the next of its pair.',
  columns: {
    base: 'ISO 4217 code of the currency of which one unit is priced.',
    quote: 'ISO 4217 code of the currency in which it is priced.',
    rate: 'Whole units of quote for one of base.',
    effectiveAt: 'From when on it holds.',
  },
} as const;
