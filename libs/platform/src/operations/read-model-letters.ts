import { isUuid } from '@guanxi/kernel';
import type { DeadLetter, DeadLetters, ParkedFilter } from '@guanxi/projections';
import type { Letter, LetterBox, LetterDetail, LetterFilter, LetterRetried } from './letters';

const letterOf = (letter: DeadLetter): Letter => ({ source: 'read-model', ...letter });

/** Keys that read models have set aside: tried again, and skipped, at once and by this process. */
export class ReadModelLetters implements LetterBox {
  readonly source = 'read-model';

  constructor(private readonly letters: DeadLetters) {}

  note(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async list(filter: LetterFilter): Promise<readonly Letter[]> {
    const meant = meantBy(filter);
    return meant ? (await this.letters.list(meant)).map(letterOf) : [];
  }

  async show({ key = '', model }: LetterFilter, withData: boolean): Promise<readonly LetterDetail[]> {
    const details = await this.letters.show(key, { model, withData });
    return details.map(({ letter, ...detail }) => ({ letter: letterOf(letter), ...detail }));
  }

  async retry(filter: LetterFilter): Promise<readonly LetterRetried[]> {
    const meant = meantBy(filter);
    const retried = meant ? await this.letters.retry(meant) : [];
    return retried.map(({ letter, ...became }) => ({ letter: letterOf(letter), ...became }));
  }
}

function meantBy({ key, model }: LetterFilter): ParkedFilter | undefined {
  if (key !== undefined && !isUuid(key)) return undefined;
  return {
    ...(key === undefined ? {} : { key: key.toLowerCase() }),
    ...(model === undefined ? {} : { model }),
  };
}
