/** Days to four decimals, some nine seconds: what lies behind depends on the order in which a database adds up. */
export const days = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : Math.round(value * 10_000) / 10_000;
