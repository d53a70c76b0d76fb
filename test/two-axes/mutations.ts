import type { AnyReadModel } from '@guanxi/projections';
import { models } from './models';

/** A read model with a fault that somebody could have written. */
export interface Mutation {
  readonly fault: string;
  readonly model: AnyReadModel;
}

const modelOf = (name: string): AnyReadModel => {
  const model = models.find((own) => own.name === name);
  if (!model) throw new Error(`no read model is called ${name}`);
  return model;
};

interface Happening {
  readonly type: string;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A model that folds in a way of its own. */
function folding(
  name: string,
  evolve: (row: object | null, event: Happening, usual: () => object | null) => object | null,
): AnyReadModel {
  const model = modelOf(name);
  return {
    ...model,
    evolve: (row: object | null, event: Happening, key: string) =>
      evolve(row, event, () => model.evolve(row, event, key) as object | null),
  };
}

/** Faults that the property must notice: each a read model whose tables would be wrong. */
export const MUTATIONS: readonly Mutation[] = [
  {
    fault: 'a reopened deal keeps the moment at which it was closed',
    model: folding('deals', (row, event, usual) =>
      event.type === 'deal-reopened.v1' && row !== null && 'closedAt' in row
        ? { ...usual(), closedAt: row.closedAt }
        : usual(),
    ),
  },
  {
    fault: 'a first purchase that is told late leaves the later one the first',
    model: folding('customers', (row, event, usual) =>
      event.type === 'purchase-recorded.v1' && event.data['kind'] === 'sale'
        ? { ...usual(), firstPurchaseAt: event.at }
        : usual(),
    ),
  },
  {
    fault: 'a correction of a purchase adds its revenue instead of taking the place of what was there',
    model: folding('purchases', (row, event, usual) => {
      const after = usual();
      if (event.type !== 'purchase-corrected.v1' || after === null || row === null) return after;
      const { revenue } = after as { revenue: number };
      return { ...after, revenue: revenue + (row as { revenue: number }).revenue };
    }),
  },
];
