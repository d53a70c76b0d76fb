import type { CommandMeta, Instant } from '@guanxi/kernel';
import { conflict, invalidField, plusMilliseconds } from '@guanxi/kernel';
import type { ComplaintDecision } from './complaint';
import type { ComplaintEvent, DataOf } from './events';
import { present } from './fields';
import type { Step } from './order';
import { outOfOrder } from './order';
import type { Assumable, ResolutionKind } from './vocabulary';
import { DEFAULT_SEVERITY } from './vocabulary';

type Filed = DataOf<'complaint-filed.v1'>;

export type ImportComplaintInput = Omit<
  Filed,
  'severity' | 'anonymous' | 'assumed' | 'complainantType' | 'claimedLoss'
> & {
  readonly severity?: Filed['severity'];
  readonly filedAt: Instant;
  readonly acknowledgedAt?: Instant;
  readonly answeredInTime?: boolean;
  readonly resolution?: ResolutionKind;
  readonly resolvedAt?: Instant;
  /** What the source did not record and the import takes for granted where a step calls for it. */
  readonly assumed: readonly Assumable[];
};

const CLOCK_SKEW_MILLISECONDS = 5 * 60_000;

/**
 * Takes over a complaint that was worked elsewhere: the events that its course calls for, each at its own moment.
 * The order of work holds here too: what is neither recorded nor assumed by name is missing.
 * @throws DomainError `complaint.exists`, `complaint.order`, `input.invalid` naming the field
 */
export const importComplaint =
  (given: ImportComplaintInput, { now }: Pick<CommandMeta, 'now'>): ComplaintDecision =>
  (complaint) => {
    if (complaint.status !== 'none')
      throw conflict('complaint.exists', 'a complaint with this id was filed before');
    checkMoments(present(given), now);
    const input = { ...present(given), ...happenedBy(now, given) };
    const missing = stepsMissing(input);
    if (missing.length > 0) throw outOfOrder('filed', missing);
    return [filed(input), ...acknowledged(input), ...resolved(input)];
  };

function checkMoments(input: ImportComplaintInput, now: Instant): void {
  const { resolution, assumed } = input;
  if (resolution !== undefined && input.resolvedAt === undefined && !assumed.includes('resolvedAt')) {
    throw invalidField(
      'resolvedAt',
      'required',
      'a resolution has a moment, or the import assumes resolvedAt',
    );
  }
  if (resolution === undefined && input.resolvedAt !== undefined) {
    throw invalidField(
      'resolution',
      'required',
      'where there is a moment of resolution there is a resolution',
    );
  }
  if (input.answeredInTime !== undefined && !isAnswered(input)) {
    throw invalidField(
      'acknowledgedAt',
      'required',
      'an answer has a moment, or the import assumes acknowledgedAt',
    );
  }
  let before: { readonly field: string; readonly at: Instant } | undefined;
  for (const field of ['filedAt', 'acknowledgedAt', 'resolvedAt'] as const) {
    const at = input[field];
    if (at === undefined) continue;
    if (at > plusMilliseconds(now, CLOCK_SKEW_MILLISECONDS)) {
      throw invalidField(field, 'notInFuture', `${field} must not lie in the future`);
    }
    if (before && at < before.at) {
      throw invalidField(
        field,
        `notBefore`,
        `${field} must not lie before ${before.field}, which is ${before.at}`,
      );
    }
    before = { field, at };
  }
}

/** Moments that lie ahead, because the clock of the source does, count as now. */
const happenedBy = (
  now: Instant,
  { filedAt, acknowledgedAt, resolvedAt }: ImportComplaintInput,
): Pick<ImportComplaintInput, 'filedAt' | 'acknowledgedAt' | 'resolvedAt'> => {
  const earlier = (at: Instant): Instant => (at > now ? now : at);
  return present({
    filedAt: earlier(filedAt),
    acknowledgedAt: acknowledgedAt && earlier(acknowledgedAt),
    resolvedAt: resolvedAt && earlier(resolvedAt),
  });
};

/** True when the source recorded the first answer, or stated that there was one and the import assumes when. */
const isAnswered = ({ acknowledgedAt, assumed }: ImportComplaintInput): boolean =>
  acknowledgedAt !== undefined || assumed.includes('acknowledgedAt');

function stepsMissing(input: ImportComplaintInput): readonly Step[] {
  if (input.resolution === undefined) return [];
  const missing: Step[] = [];
  if (!isAnswered(input)) missing.push('acknowledged');
  if (!input.assumed.includes('proposal')) missing.push('proposed');
  return missing;
}

function filed(input: ImportComplaintInput): ComplaintEvent {
  const { customerId, channel, product, region, text, cause, severity = DEFAULT_SEVERITY, filedAt } = input;
  const { externalRef, attributes } = input;
  const data = present({
    ...{ customerId, channel, product, region, text, cause, severity, externalRef, attributes },
    ...assuming(input, 'cause', 'severity'),
  });
  return { type: 'complaint-filed.v1', at: filedAt, data };
}

function acknowledged(input: ImportComplaintInput): readonly ComplaintEvent[] {
  const { acknowledgedAt, answeredInTime, resolution, resolvedAt, filedAt } = input;
  const happened = acknowledgedAt !== undefined || answeredInTime !== undefined || resolution !== undefined;
  if (!happened) return [];
  return [
    {
      type: 'complaint-acknowledged.v1',
      at: acknowledgedAt ?? resolvedAt ?? filedAt,
      data: present({ answeredInTime, ...assuming(input, 'acknowledgedAt') }),
    },
  ];
}

function resolved(input: ImportComplaintInput): readonly ComplaintEvent[] {
  const { resolution, resolvedAt, acknowledgedAt, filedAt, assumed } = input;
  if (resolution === undefined) return [];
  const at = resolvedAt ?? acknowledgedAt ?? filedAt;
  const events: ComplaintEvent[] = [
    { type: 'complaint-solution-proposed.v1', at, data: { assumed: ['proposal'] } },
  ];
  if (assumed.includes('answer')) {
    events.push({
      type: 'complaint-proposal-answered.v1',
      at,
      data: { accepted: true, assumed: ['answer'] },
    });
  }
  const data = present({ kind: resolution, ...assuming(input, 'resolvedAt') });
  events.push({ type: 'complaint-resolved.v1', at, data });
  if (assumed.includes('followUp')) {
    events.push({ type: 'complaint-followed-up.v1', at, data: { reached: true, assumed: ['followUp'] } });
  }
  return events;
}

/** Those of an event's facts that the import takes for granted; no field where it takes none. */
function assuming(
  { assumed }: ImportComplaintInput,
  ...facts: readonly Assumable[]
): { readonly assumed?: Assumable[] } {
  const own = facts.filter((fact) => assumed.includes(fact));
  return own.length > 0 ? { assumed: own } : {};
}
