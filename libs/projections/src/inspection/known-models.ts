import { conflict, notFound } from '@guanxi/kernel';
import type { GenerationBook } from './books';
import type { AnyReadModel } from '../read-model';

/** The read model of a name. @throws DomainError `projection.unknown`, which names those that there are */
export function modelNamed(models: readonly AnyReadModel[], name: string): AnyReadModel {
  const model = models.find((each) => each.name === name);
  if (model) return model;
  const names = models.map((each) => each.name).sort();
  throw notFound('projection.unknown', `there is no read model ${name}; there are ${names.join(', ')}`, {
    models: names,
  });
}

/** The generation of a name among a model's. @throws DomainError `projection.generation-unknown` */
export function generationNamed(
  books: readonly GenerationBook[],
  model: string,
  name: string,
): GenerationBook {
  const own = books.filter((book) => book.model === model);
  const found = own.find(({ generation }) => generation === name);
  if (found) return found;
  const names = own.map(({ generation }) => generation);
  const known = names.length === 0 ? 'it has none yet' : `there are ${names.join(', ')}`;
  throw notFound('projection.generation-unknown', `${model} has no generation ${name}; ${known}`, {
    generations: names,
  });
}

/** The generation that answers for a model. @throws DomainError `projection.not-built` */
export function servingGeneration(books: readonly GenerationBook[], model: string): GenerationBook {
  const serving = books.find((book) => book.model === model && book.serves);
  if (serving) return serving;
  throw conflict(
    'projection.not-built',
    `${model} has no tables yet: they are made when the server starts (npm start)`,
    { model },
  );
}

/** The newest generation beside the one that answers. @throws DomainError `projection.only-one` */
export function newestOther(books: readonly GenerationBook[], model: string): GenerationBook {
  const others = books.filter((book) => book.model === model && !book.serves);
  const newest = others.sort(byAge).at(-1);
  if (newest) return newest;
  throw conflict(
    'projection.only-one',
    `${model} has one generation alone: build another one with "guanxi projections rebuild ${model}"`,
    { model },
  );
}

const byAge = (a: GenerationBook, b: GenerationBook): number =>
  a.createdAt === b.createdAt ? a.version - b.version : a.createdAt < b.createdAt ? -1 : 1;
