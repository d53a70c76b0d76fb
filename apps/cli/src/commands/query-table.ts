import type { View } from '../show/answer';
import { churn, columns, complaints, flow, flowLists, inGroups, ofTotal, stages } from './query-columns';

/** A query that has a command of its own. */
export interface Query {
  readonly name: string;
  readonly summary: string;
  /** `:id` stands for the command's argument. */
  readonly path: string;
  /** Options by name; each goes to the server under its name in camel case. */
  readonly options: readonly string[];
  readonly required?: readonly string[];
  readonly view?: View;
}

const pipeline = ['by', 'owner', 'region', 'product', 'customer', 'tier', 'currency'];

const period = ['from', 'to'];

const list = ['limit', 'cursor', 'sort'];

/** The queries that people ask most; every other one is asked with `get`. */
export const queries: readonly Query[] = [
  {
    name: 'board',
    summary: 'open deals by stage: number, value, weighted value, age, stalled',
    path: 'v1/pipeline/board',
    options: pipeline,
    view: {
      lists: [
        { path: 'stages', columns: stages },
        inGroups([
          ['total.count', 'count'],
          ['total.value', 'value'],
          ['total.weighted', 'weighted'],
        ]),
      ],
      figures: columns(
        ['total.count', 'open deals'],
        ['total.value', 'value'],
        ['total.weighted', 'weighted'],
      ),
    },
  },
  {
    name: 'waterfall',
    summary: 'what changed on the board between two moments',
    path: 'v1/pipeline/waterfall',
    options: [...period, ...pipeline.filter((name) => name !== 'by')],
    required: ['from'],
    view: {
      figures: columns(
        ['from'],
        ['to'],
        ['opening.count', 'opening deals'],
        ['opening.value', 'opening value'],
        ['closing.count', 'closing deals'],
        ['closing.value', 'closing value'],
      ),
      lists: [{ path: 'movements', columns: columns(['kind'], ['count'], ['value'], ['moves'], ['moved']) }],
    },
  },
  {
    name: 'flow',
    summary: 'win rate, cycle, conversions and reasons of a period',
    path: 'v1/pipeline/flow',
    options: [...period, ...pipeline],
    required: ['from'],
    view: {
      figures: [...columns(['from'], ['to']), ...ofTotal(flow)],
      lists: [...flowLists, inGroups(flow)],
    },
  },
  {
    name: 'churn',
    summary: 'customers won, returned and lost in a period, with the three rates',
    path: 'v1/churn/history',
    options: [
      ...period,
      'by',
      'owner',
      'region',
      'industry',
      'size-band',
      'product',
      'kind',
      'channel',
      'currency',
      'margin',
    ],
    view: { figures: [...columns(['from'], ['to']), ...ofTotal(churn)], lists: [inGroups(churn)] },
  },
  {
    name: 'pyramid',
    summary: 'customers by tier, with revenue and gross profit',
    path: 'v1/segments/pyramid',
    options: [...period, 'basis', 'currency'],
    view: {
      figures: columns(['from'], ['to'], ['basis'], ['customers']),
      lists: [
        {
          path: 'tiers',
          columns: columns(
            ['tier'],
            ['count'],
            ['revenue'],
            ['grossProfit', 'gross profit'],
            ['shareOfGrossProfit', 'share of profit', 'percent'],
          ),
        },
      ],
    },
  },
  {
    name: 'rfm',
    summary: 'segments by recency, frequency and monetary value',
    path: 'v1/segments/rfm',
    options: ['window', 'currency'],
    view: {
      figures: columns(['from'], ['to'], ['customers']),
      lists: [
        {
          path: 'segments',
          columns: columns(
            ['segment'],
            ['count'],
            ['revenue'],
            ['shareOfRevenue', 'share', 'percent'],
            ['meanRecencyDays', 'recency (d)', 'short'],
            ['meanFrequency', 'purchases', 'short'],
            ['meanMonetary', 'revenue each'],
          ),
        },
      ],
    },
  },
  {
    name: 'complaints',
    summary: 'figures of complaints: timeliness, resolution, reopened; the list is `get complaints`',
    path: 'v1/complaints/figures',
    options: [...period, 'by'],
    view: { figures: ofTotal(complaints), lists: [inGroups(complaints)] },
  },
  {
    name: 'deals',
    summary: 'deals, by page',
    path: 'v1/deals',
    options: ['status', 'stage', 'owner', 'customer', 'product', 'external-ref', ...list],
    view: {
      lists: [
        {
          path: 'items',
          columns: columns(
            ...(['id', 'externalRef', 'title', 'status', 'stage', 'value'] as const).map(
              (path) => [path] as const,
            ),
            ['openedAt', 'opened', 'day'],
            ['expectedCloseOn', 'expected'],
            ['closedAt', 'closed', 'day'],
          ),
        },
      ],
    },
  },
  {
    name: 'customers',
    summary: 'customers, by page',
    path: 'v1/customers',
    options: ['status', 'kind', 'region', 'industry', 'owner', 'external-ref', 'attribute', ...list],
    view: {
      lists: [
        {
          path: 'items',
          columns: columns(
            ...(['id', 'externalRef', 'name', 'kind', 'status', 'industry', 'region'] as const).map(
              (path) => [path] as const,
            ),
            ['activeSince', 'active since', 'day'],
            ['lostAt', 'lost', 'day'],
          ),
        },
      ],
    },
  },
  { name: 'deal', summary: 'one deal', path: 'v1/deals/:id', options: [] },
  { name: 'customer', summary: 'one customer', path: 'v1/customers/:id', options: [] },
  {
    name: 'events',
    summary: 'the events themselves, in the order of the log',
    path: 'v1/events',
    options: ['after', 'stream', 'type', 'customer', 'limit'],
    view: {
      lists: [
        {
          path: 'items',
          columns: columns(
            ...(['position', 'type', 'stream', 'revision', 'occurredAt', 'recordedAt'] as const).map(
              (path) => [path] as const,
            ),
          ),
        },
      ],
      next: '--after ',
    },
  },
];
