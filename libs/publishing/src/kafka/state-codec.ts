import type { Landmark, ParkedKey, RelayState, StateChange } from '../relay/publisher';

/** A record of the checkpoint topic; without a value it takes back what stood under its key. */
export interface StateRecord {
  readonly key: string;
  readonly value: string | null;
}

const PARKED = 'parked/';

/** Writes a change as records. @param prefix before all keys, `` for the relay proper */
export function stateRecords(
  { position, landmark, parked, selection }: StateChange,
  prefix: string,
): readonly StateRecord[] {
  const records: StateRecord[] = [];
  for (const [stream, key] of parked ?? [])
    records.push({ key: `${prefix}${PARKED}${stream}`, value: key ? parkedText(key) : null });
  if (selection !== undefined)
    records.push({ key: `${prefix}selection`, value: JSON.stringify({ selection }) });
  if (position !== undefined)
    records.push({ key: `${prefix}position`, value: positionText(position, landmark) });
  return records;
}

const positionText = (position: bigint, landmark?: Landmark | null): string =>
  JSON.stringify({
    position: String(position),
    ...(landmark !== undefined && {
      landmark: landmark && { ...landmark, position: String(landmark.position) },
    }),
  });

const parkedText = ({ position, type, contract, reason }: ParkedKey): string =>
  JSON.stringify({ position: String(position), type, contract, reason });

/** Takes records over, one behind the other, and says at last how the state is. */
export class StateReader {
  private position = 0n;
  private landmark: Landmark | null | undefined;
  private selection: string | undefined;
  private readonly parked = new Map<string, ParkedKey>();

  constructor(private readonly prefix: string) {}

  /** @throws Error for a record under one of our keys that we cannot have written */
  take({ key, value }: StateRecord): void {
    if (!key.startsWith(this.prefix)) return;
    const name = key.slice(this.prefix.length);
    if (name.startsWith(PARKED)) {
      const stream = name.slice(PARKED.length);
      if (value === null) this.parked.delete(stream);
      else this.parked.set(stream, parkedOf(key, value));
    } else if (name === 'position') {
      const fields = fieldsOf(key, value);
      this.position = positionOf(key, fields);
      this.landmark = landmarkOf(key, fields);
    } else if (name === 'selection') {
      this.selection = textOf(key, fieldsOf(key, value), 'selection');
    }
  }

  get state(): RelayState {
    const { position, landmark, selection } = this;
    return {
      ...{ position, parked: new Map(this.parked) },
      ...(landmark !== undefined && { landmark }),
      ...(selection !== undefined && { selection }),
    };
  }
}

/** Undefined where none was kept, as before there were any. */
function landmarkOf(key: string, fields: object): Landmark | null | undefined {
  const landmark = fieldOf(fields, 'landmark');
  if (landmark === undefined || landmark === null) return landmark;
  if (typeof landmark !== 'object') throw unreadable(key);
  const revision = fieldOf(landmark, 'revision');
  if (typeof revision !== 'number') throw unreadable(key);
  return {
    ...{ position: positionOf(key, landmark), stream: textOf(key, landmark, 'stream'), revision },
    id: textOf(key, landmark, 'id'),
  };
}

function parkedOf(key: string, value: string): ParkedKey {
  const fields = fieldsOf(key, value);
  return {
    position: positionOf(key, fields),
    type: textOf(key, fields, 'type'),
    contract: textOf(key, fields, 'contract'),
    reason: textOf(key, fields, 'reason'),
  };
}

function positionOf(key: string, fields: object): bigint {
  const text = textOf(key, fields, 'position');
  if (!/^\d{1,20}$/.test(text)) throw unreadable(key);
  return BigInt(text);
}

function textOf(key: string, fields: object, name: string): string {
  const found = fieldOf(fields, name);
  if (typeof found !== 'string') throw unreadable(key);
  return found;
}

const fieldOf = (fields: object, name: string): unknown =>
  Object.entries(fields).find(([each]) => each === name)?.[1];

/** A position is never taken back: without it all would be published once more. */
function fieldsOf(key: string, value: string | null): object {
  try {
    const parsed: unknown = JSON.parse(value ?? 'null');
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Told below.
  }
  throw unreadable(key);
}

const unreadable = (key: string): Error =>
  new Error(
    `record ${key} of the checkpoint topic is not one that a relay writes: somebody else writes there`,
  );
