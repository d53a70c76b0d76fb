import type { Publication } from '../contracts/contract';
import { typeOf } from '../contracts/public-message';
import { EVENT_STREAM, NDJSON_LINES } from './accept';
import { LONGEST_WAIT, MOST_LIMIT, USUAL_LIMIT, USUAL_WAIT } from './feed.input';

const list = (name: string, description: string, values: readonly string[]) => ({
  ...{ name, in: 'query', description, style: 'form', explode: false },
  schema: { type: 'array', items: values.length === 0 ? { type: 'string' } : { enum: values } },
});

const place = '^(0|[1-9][0-9]{0,18})([.](0|[1-9][0-9]{0,3}))?$';

const number = (name: string, description: string, least: number, most: number, usual: number) => ({
  ...{ name, in: 'query', description },
  schema: { type: 'integer', minimum: least, maximum: most, default: usual },
});

const problem = (status: number) => ({ $ref: `#/components/responses/Problem${status}` });

/** The feed in the OpenAPI document. @param publications what there is to read */
export function feedOperation(publications: readonly Publication[]) {
  const topics = publications.map(({ topic }) => topic.name);
  const types = publications.flatMap(({ events }) => events.map(typeOf));
  return {
    path: '/v1/feed',
    method: 'get' as const,
    operation: {
      operationId: 'read-feed',
      summary: 'Public events as a feed: the whole history from any place, then live',
      description:
        'Each event is a CloudEvent 1.0 in structured JSON. As server-sent events, id is the place in the feed: send the ' +
        'last one as Last-Event-ID to go on behind it. As lines, the answer comes at once where there is something, else ' +
        'when something comes or the wait is over; Guanxi-Next-After has the place to go on from. An event that cannot be ' +
        'told is announced as guanxi.unmappable. Topics that tell who a person is must be named, and need the role privacy.',
      tags: ['feed'],
      parameters: [
        list('topics', 'Topics to read; all that hold no personal data where not said', topics),
        list('types', 'Types to read, with or without guanxi. in front; all where not said', types),
        {
          ...{ name: 'after', in: 'query' },
          description:
            'Read on behind this place; from the beginning where not said, from the present on with now',
          schema: { anyOf: [{ type: 'string', pattern: place }, { const: 'now' }] },
        },
        {
          ...{ name: 'Last-Event-ID', in: 'header' },
          description: 'As after, and goes before it: what readers of server-sent events send by themselves',
          schema: { type: 'string', pattern: place },
        },
        number('limit', 'Lines only: most events of an answer', 1, MOST_LIMIT, USUAL_LIMIT),
        number(
          ...(['wait', 'Lines only: seconds to wait where there is nothing'] as const),
          ...([0, LONGEST_WAIT, USUAL_WAIT] as const),
        ),
        { $ref: '#/components/parameters/CorrelationId' },
      ],
      responses: {
        200: {
          description: 'Events in the order of the log',
          headers: {
            'Guanxi-Next-After': {
              description: 'Lines only: the after of the next call',
              schema: { type: 'string', pattern: place },
            },
            Link: { description: 'Lines only: the next call', schema: { type: 'string' } },
          },
          content: {
            [EVENT_STREAM]: { schema: { type: 'string' } },
            [NDJSON_LINES]: { schema: { type: 'string' } },
          },
        },
        ...Object.fromEntries([400, 401, 403, 406, 409, 503].map((status) => [status, problem(status)])),
      },
    },
  };
}
