import { contexts } from '@guanxi/contexts';
import { EventRegistry } from '@guanxi/event-store';
import { serveFolds } from '@guanxi/projections';

// A thread of a rebuild: it folds with the code of all contexts.
serveFolds(
  contexts.flatMap(({ readModels }) => readModels),
  new EventRegistry(contexts.flatMap(({ events }) => events)),
);
