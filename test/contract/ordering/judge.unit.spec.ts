import { parseInstant } from '@guanxi/kernel';
import { describeVerdict, faultsOf, judge } from './judge';
import type { Attempt, Observations, Place, Sighting } from './observations';

const moment = (second: number): Place['recordedAt'] =>
  parseInstant(`2026-01-01T00:00:${String(second).padStart(2, '0')}Z`);

/** Event `e<position>` of a log in which streams a and b take turns. */
const place = (position: number, changes: Partial<Place> = {}): Place => ({
  id: `e${position}`,
  stream: position % 2 === 1 ? 'a' : 'b',
  revision: Math.floor((position - 1) / 2),
  position: BigInt(position),
  recordedAt: moment(position),
  ...changes,
});

/** An append of that one event, as its writer was told of it. */
const acknowledged = (position: number): Attempt => {
  const { id, stream, revision, recordedAt } = place(position);
  return {
    writer: stream,
    writes: [{ stream, ids: [id] }],
    appended: { position: BigInt(position), recordedAt, streams: [{ stream, revision }], repeated: false },
    contended: false,
  };
};

const refused = (id: string, contended: boolean): Attempt => ({
  writer: 'c',
  writes: [{ stream: 'a', ids: [id] }],
  appended: undefined,
  contended,
});

const saw = (positions: readonly number[], changes: Partial<Sighting> = {}): Sighting => ({
  follower: 'reader',
  after: 0n,
  events: positions.map((position) => place(position)),
  whileOpen: undefined,
  ...changes,
});

const log = [1, 2, 3, 4];
const faultless: Observations = {
  attempts: log.map(acknowledged),
  sightings: [saw(log), saw([3, 4], { after: 2n, whileOpen: 2 })],
  content: log.map((position) => place(position)),
  gapless: true,
};

/** The faults of a run that differs from a faultless one, those at nought left out. */
const faults = (changes: Partial<Observations>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(faultsOf(judge({ ...faultless, ...changes }))).filter(([, count]) => count > 0),
  );

describe('the judge of order', () => {
  it('finds nothing where all is right', () => {
    expect(faults({})).toEqual({});
    expect(describeVerdict('store', judge(faultless))).toMatch(
      /^store: 4 appends, 4 acknowledged, 0 refused, 2 followers, 0 lost, 0 doubled, 0 inverted, 0 gaps/,
    );
  });

  it('counts what was acknowledged and is not there', () => {
    const content = [1, 2, 3].map((position) => place(position));
    expect(faults({ content, sightings: [saw([1, 2, 3])] })).toEqual({ lost: 1 });
  });

  it('counts what a follower missed, and only behind where it began', () => {
    expect(faults({ sightings: [saw([1, 3, 4])] })).toEqual({ lost: 1 });
    expect(faults({ sightings: [saw([3, 4], { after: 2n })] })).toEqual({});
  });

  it('counts what was seen twice, once for all followers', () => {
    expect(faults({ sightings: [saw([1, 2, 2, 3, 4]), saw([1, 2, 2, 3, 4])] })).toEqual({ doubled: 1 });
  });

  it('counts what is stored twice', () => {
    const content = [...faultless.content, place(5, { id: 'e4', stream: 'b', revision: 2 })];
    expect(faults({ content })['doubled']).toBe(1);
  });

  it('counts what was seen before its predecessor', () => {
    expect(faults({ sightings: [saw([1, 3, 2, 4])] })).toEqual({ inverted: 1 });
  });

  it('counts a stream that runs backwards in the order of positions', () => {
    const content = [
      place(1),
      place(2, { stream: 'a', revision: 1 }),
      place(3, { revision: 0, stream: 'a' }),
    ];
    expect(faults({ attempts: [], sightings: [], content })).toMatchObject({ inverted: 1, forked: 1 });
  });

  it('counts a recordedAt that goes backwards', () => {
    const content = log.map((position) => place(position, position === 3 ? { recordedAt: moment(0) } : {}));
    expect(faults({ content, attempts: [], sightings: [] })).toMatchObject({ inverted: 1 });
  });

  it('counts a writer whose later append lies before its earlier one', () => {
    const attempts = [3, 1, 2, 4].map(acknowledged);
    expect(faults({ attempts })).toEqual({ inverted: 1 });
  });

  it('counts positions and revisions left out', () => {
    const content = [1, 2, 4].map((position) => place(position));
    const attempts = [1, 2, 4].map(acknowledged);
    expect(faults({ content, attempts, sightings: [] })).toEqual({ gaps: 1 });
    const jumped = [place(1), place(2), place(3, { revision: 2 }), place(4)];
    expect(faults({ content: jumped, attempts: [], sightings: [], gapless: false })).toMatchObject({
      gaps: 1,
    });
  });

  it('counts a revision given out twice', () => {
    const content = [place(1), place(2), place(3, { revision: 0 }), place(4)];
    expect(faults({ content, attempts: [], sightings: [] })).toMatchObject({ forked: 1 });
  });

  it('counts what was seen only after strangers had ended', () => {
    expect(faults({ sightings: [saw(log, { whileOpen: 3 })] })).toEqual({ starved: 1 });
  });

  it('counts answers and sightings that name another place', () => {
    const attempts = [acknowledged(1), acknowledged(2), acknowledged(3)];
    const [first] = attempts;
    if (!first?.appended) throw new Error('the first append is acknowledged');
    const wrong = { ...first, appended: { ...first.appended, streams: [{ stream: 'a', revision: 7 }] } };
    expect(faults({ attempts: [wrong, ...faultless.attempts.slice(1)] })).toEqual({ misplaced: 1 });
    const events = [place(1), place(2), place(3), place(4, { stream: 'c' })];
    expect(faults({ sightings: [saw([], { events })] })).toEqual({ misplaced: 1 });
  });

  it('counts what was refused and is there nevertheless', () => {
    const attempts = [...log.slice(0, 3).map(acknowledged), refused('e4', true)];
    expect(faults({ attempts })).toEqual({ uncalled: 1 });
  });

  it('counts a refusal for which nobody else can be the cause', () => {
    expect(faults({ attempts: [...faultless.attempts, refused('e9', true)] })).toEqual({});
    expect(faults({ attempts: [...faultless.attempts, refused('e9', false)] })).toEqual({
      refusedWrongly: 1,
    });
  });
});
