import type { ServerResponse } from 'node:http';
import type { CommandRequest, Principal } from '@guanxi/commanding';
import { NeedsRole, inputInvalid, principalOf, validateInput } from '@guanxi/commanding';
import type { OnModuleDestroy } from '@nestjs/common';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { EVENT_STREAM, NDJSON_LINES, feedForm } from './accept';
import { BEGINNING, parseCursor } from './cursor';
import type { FeedRequest } from './feed';
import { Feed } from './feed';
import { FeedInput, USUAL_LIMIT, USUAL_WAIT } from './feed.input';
import { notAPlace } from './refusals';

/** Finds out anew who sends a request; rejects or resolves to undefined where nobody may. */
export type FeedAccess = (authorization: string | undefined) => Promise<Principal | undefined>;

/** Injects a `FeedAccess`. */
export const FEED_ACCESS = Symbol('guanxi:feed-access');

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Request extends CommandRequest {
  readonly method: string;
  readonly query: unknown;
}

interface Reply {
  readonly raw: ServerResponse;
  header(name: string, value: string): Reply;
  getHeaders(): Record<string, number | string | string[] | undefined>;
  hijack(): unknown;
  send(body?: Buffer): unknown;
}

/** Public events over plain HTTP: server-sent events, or lines by long poll. */
@Controller('v1/feed')
export class FeedController implements OnModuleDestroy {
  constructor(
    @Inject(Feed) private readonly feed: Feed,
    @Inject(FEED_ACCESS) private readonly access: FeedAccess,
  ) {}

  @Get()
  @NeedsRole('read')
  async read(@Req() request: Request, @Res() reply: Reply): Promise<void> {
    reply.header('Vary', 'Accept').header('Cache-Control', 'no-store');
    const form = feedForm(textOf(request.headers, 'accept'));
    const input = validateInput(FeedInput, request.query);
    const asked = this.askedBy(request, input);
    if (request.method === 'HEAD') {
      reply.header('Content-Type', form).send();
    } else if (form === NDJSON_LINES) {
      await this.poll(asked, input, reply);
    } else {
      refuseForEvents(input);
      await this.feed.stream(asked, () => begun(reply), this.mayStay(request.headers, asked));
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.feed.stop();
  }

  private askedBy(request: Request, { topics, types, after }: FeedInput): FeedRequest {
    const { roles } = principalOf(request);
    const filter = this.feed.offer.filterOf({ topics, types, mayReadPersonal: roles.has('privacy') });
    // A reader that comes again says so in the header; its address still has the place where it once began.
    const last = textOf(request.headers, 'last-event-id');
    if (last !== undefined && last !== '') {
      const from = parseCursor(last);
      if (!from) throw notAPlace('Last-Event-ID', '');
      return { from, filter };
    }
    if (after === 'now') return { from: 'now', filter };
    const from = after === undefined ? BEGINNING : parseCursor(after);
    if (!from) throw notAPlace('after', '/after');
    return { from, filter };
  }

  private async poll(asked: FeedRequest, input: FeedInput, reply: Reply): Promise<void> {
    const { limit = USUAL_LIMIT, wait = USUAL_WAIT } = input;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { frames, next } = await this.feed.poll({ ...asked, limit, wait: wait * 1_000 }, gone.signal);
    reply
      .header('Content-Type', `${NDJSON_LINES}; charset=utf-8`)
      .header('Guanxi-Next-After', next)
      .header('Link', linkTo(input, next))
      .send(Buffer.concat(frames.map(({ line }) => line)));
  }

  /** A key that is revoked ends its feeds, too. */
  private mayStay({ authorization }: Headers, { filter }: FeedRequest): () => Promise<boolean> {
    const sent = typeof authorization === 'string' ? authorization : undefined;
    return async () => {
      const roles = (await this.access(sent))?.roles;
      return roles !== undefined && roles.has('read') && (!filter.isPersonal || roles.has('privacy'));
    };
  }
}

function begun(reply: Reply): ServerResponse {
  const { raw } = reply;
  const headers = {
    ...reply.getHeaders(),
    'content-type': EVENT_STREAM,
    'cache-control': 'no-store, no-transform',
    // Proxies that gather answers would keep events back.
    'x-accel-buffering': 'no',
  };
  reply.hijack();
  raw.writeHead(200, headers);
  return raw;
}

function linkTo({ topics, types, limit, wait }: FeedInput, after: string): string {
  const query = new URLSearchParams({
    ...(topics && { topics: topics.join(',') }),
    ...(types && { types: types.join(',') }),
    after,
    ...(limit !== undefined && { limit: String(limit) }),
    ...(wait !== undefined && { wait: String(wait) }),
  });
  return `</v1/feed?${query.toString()}>; rel="next"`;
}

/** What would have no effect is refused, so that nobody relies on it. */
function refuseForEvents({ limit, wait }: FeedInput): void {
  const message = `is for Accept: ${NDJSON_LINES} alone`;
  const errors = [...(limit === undefined ? [] : ['limit']), ...(wait === undefined ? [] : ['wait'])].map(
    (field) => ({ field, rule: 'linesOnly', pointer: `/${field}`, message }),
  );
  if (errors.length > 0) throw inputInvalid(errors);
}

function textOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
