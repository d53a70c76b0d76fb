import type { View } from '../show/answer';
import { type Column, type Kind, column } from '../show/table';

type Spec = readonly [path: string, title?: string, kind?: Kind];

/** Columns from their paths, titles and kinds. */
export const columns = (...all: readonly Spec[]): readonly Column[] =>
  all.map(([path, title, kind]) => column(path, title, kind));

export const stages = columns(
  ['stage'],
  ['count'],
  ['value'],
  ['weighted'],
  ['ageDays.mean', 'mean age (d)', 'short'],
  ['ageDays.p90', 'p90 (d)', 'short'],
  ['stalled'],
  ['reviewDue', 'review due'],
  ['slipped'],
);

const group: readonly (readonly [string, string])[] = [
  ['key', 'key'],
  ['label', 'label'],
];

export const churn: readonly Spec[] = [
  ['opening'],
  ['new'],
  ['returned'],
  ['lost'],
  ['closing'],
  ['rateOnClosing', 'on closing', 'percent'],
  ['rateOnOpening', 'on opening', 'percent'],
  ['rateOnAverage', 'on average', 'percent'],
  ['revenueLost', 'revenue lost'],
  ['churnLoss', 'churn loss'],
];

export const flow: readonly Spec[] = [
  ['won.count', 'won'],
  ['won.value', 'won value'],
  ['lost.count', 'lost'],
  ['lost.value', 'lost value'],
  ['winRate', 'win rate', 'percent'],
  ['meanWonValue', 'mean won value'],
  ['cycleDays.won.mean', 'cycle won (d)', 'short'],
  ['cycleDays.lost.mean', 'cycle lost (d)', 'short'],
];

export const complaints: readonly Spec[] = [
  ['filed'],
  ['open'],
  ['answered'],
  ['answeredInTime', 'in time'],
  ['timeliness', 'timeliness', 'percent'],
  ['resolved'],
  ['resolutionRate', 'resolved share', 'percent'],
  ['reopened'],
  ['medianHoursToFirstAnswer', 'hours to answer', 'short'],
  ['medianHoursToResolution', 'hours to resolution', 'short'],
];

/** What the figures of a deal flow rest on, each a list of the total. */
export const flowLists: View['lists'] = [
  {
    path: 'total.conversions',
    title: 'conversions',
    columns: columns(
      ['from'],
      ['to'],
      ['entered'],
      ['advanced'],
      ['regressed'],
      ['lost'],
      ['rate', 'rate', 'percent'],
    ),
  },
  {
    path: 'total.timeInStage',
    title: 'days in stage',
    columns: columns(
      ['stage'],
      ['ended'],
      ['ongoing'],
      ['mean', 'mean', 'short'],
      ['median', 'median', 'short'],
      ['p90', 'p90', 'short'],
    ),
  },
  {
    path: 'total.lostReasons',
    title: 'reasons of loss',
    columns: columns(['reason'], ['count'], ['share', 'share', 'percent']),
  },
];

export const ofTotal = (figures: readonly Spec[]): readonly Column[] =>
  figures.map(([path, title = path, kind]) => column(`total.${path}`, title, kind));

export const inGroups = (figures: readonly Spec[]): View['lists'][number] => ({
  path: 'groups',
  columns: columns(...group, ...figures),
});
