/**
 * What stands in the table of parked things, and the only code that knows its letters' items.
 *
 * A partition is a queue. The index `causes` has its letters in the order of their causes, and of the
 * time within, without their bodies: what is listed is never more than what may be shown.
 */
import { isUuidV7 } from '../ids/uuid.ts';
import { type Address, type Item, toTtl, type Value, type Write } from '../state/items.ts';
import { type Letter, type LetterEvent, type LetterState, letterStates } from './letter.ts';

export const causesIndex = 'causes';

/** Letters above this stay in their dead-letter queue: DynamoDB takes 400 KB with the names. */
export const maxBodyBytes = 350_000;

/** Attributes that the index holds besides its keys and the table's. */
export const listedAttributes = [
  'state',
  'version',
  'cause',
  'error',
  'attempt',
  'messageId',
  'eventId',
  'eventType',
  'tenant',
  'occurredAtMs',
  'parkedAtMs',
  'firstParkedAtMs',
  'parkings',
  'replays',
  'replay',
  'earlierReplays',
  'expiresAtMs',
] as const;

/** Where events wait that never came to a queue. */
export const outboxQueue = 'outbox';

/** `consumer#eventId`, where the consumer has its queue's name; a message's id stands for itself. */
const sortKey = (queue: string, id: string): string =>
  queue !== outboxQueue && isUuidV7(id) ? `${queue}#${id}` : id;

export const letterAddress = (table: string, queue: string, id: string): Address => ({
  table,
  key: { pk: queue, sk: sortKey(queue, id) },
});

/** The beginning of the index keys of one cause. */
export const causePrefix = (cause: string): string => `${encodeURIComponent(cause)}#`;

/** What puts a parked item into the list: its state, and its place in the index. */
export const listing = ({
  id,
  cause,
  parkedAtMs,
}: Pick<Letter, 'id' | 'cause' | 'parkedAtMs'>): Item => ({
  state: 'parked' satisfies LetterState,
  version: 1,
  causeSk: `${causePrefix(cause)}${new Date(parkedAtMs).toISOString()}#${id}`,
});

/** Writes a letter as it was changed, if it still stands as it was read (or not at all). */
export function letterWrite(table: string, known: Letter | undefined, letter: Letter): Write {
  const { queue, id, event, stored, expiresAtMs, ...fields } = letter;
  const { id: eventId, type: eventType, tenant, occurredAtMs } = event ?? {};
  const of = { eventId, eventType, tenant, occurredAtMs } as const;
  return {
    put: {
      kind: 'letter',
      ...listing(letter),
      ...defined({ ...of, item: stored }),
      ...defined(fields as unknown as Attributes),
      expiresAtMs,
      ttl: toTtl(expiresAtMs),
    },
    at: letterAddress(table, queue, id),
    when: known
      ? { where: { version: { equals: known.version } } }
      : { lapsedAtMs: letter.parkedAtMs },
  };
}

/** What an outbox item says of its event, by the names under which letters say it. */
export const eventOfStored = ({ sk, type, tenant, occurredAtMs }: Item): Item =>
  typeof sk === 'string' &&
  typeof type === 'string' &&
  typeof tenant === 'string' &&
  typeof occurredAtMs === 'number'
    ? { eventId: sk, eventType: type, tenant, occurredAtMs }
    : {};

type Attributes = Readonly<Record<string, Value | undefined>>;

/** DynamoDB knows no `undefined`. */
const defined = (fields: Attributes): Item =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );

/**
 * The letter in an item of the table or of its index; undefined for one that has lapsed.
 * @throws TypeError for an item that is none.
 */
export function readLetter(item: Item | undefined, nowMs: number): Letter | undefined {
  if (!item) return undefined;
  const queue = text(item, 'pk');
  const parkedAtMs = number(item, 'parkedAtMs');
  const expiresAtMs = number(item, 'expiresAtMs');
  if (expiresAtMs <= nowMs) return undefined;
  const sk = text(item, 'sk');
  const id = sk.startsWith(`${queue}#`) ? sk.slice(queue.length + 1) : sk;
  const event = eventOf(item);
  const { error, attempt, traceparent, body, edited, item: stored, replay, discarded } = item;
  const { earlierReplays = [], history = [] } = item;
  return {
    queue,
    id,
    state: stateOf(item),
    version: number(item, 'version'),
    cause: text(item, 'cause'),
    messageId: typeof item['messageId'] === 'string' ? item['messageId'] : id,
    ...(typeof error === 'string' && { error }),
    ...(typeof attempt === 'number' && { attempt }),
    ...(typeof traceparent === 'string' && { traceparent }),
    ...(typeof body === 'string' && { body }),
    ...(typeof edited === 'string' && { edited }),
    ...(stored ? { stored: stored as Item } : {}),
    ...(event && { event }),
    parkedAtMs,
    firstParkedAtMs: number(item, 'firstParkedAtMs', parkedAtMs),
    parkings: number(item, 'parkings', 1),
    replays: number(item, 'replays', 0),
    ...(replay ? { replay: replay as unknown as NonNullable<Letter['replay']> } : {}),
    ...(discarded ? { discarded: discarded as unknown as NonNullable<Letter['discarded']> } : {}),
    earlierReplays: earlierReplays as Letter['earlierReplays'],
    history: history as unknown as Letter['history'],
    expiresAtMs,
  };
}

function eventOf({ eventId, eventType, tenant, occurredAtMs }: Item): LetterEvent | undefined {
  return typeof eventId === 'string' &&
    typeof eventType === 'string' &&
    typeof tenant === 'string' &&
    typeof occurredAtMs === 'number'
    ? { id: eventId, type: eventType, tenant, occurredAtMs }
    : undefined;
}

function stateOf(item: Item): LetterState {
  const state = letterStates.find((known) => known === item['state']);
  if (!state) throw malformed(item, 'state');
  return state;
}

function text(item: Item, name: string): string {
  const value = item[name];
  if (typeof value !== 'string') throw malformed(item, name);
  return value;
}

function number(item: Item, name: string, otherwise?: number): number {
  const value = item[name] ?? otherwise;
  if (typeof value !== 'number') throw malformed(item, name);
  return value;
}

const malformed = ({ pk, sk }: Item, name: string): TypeError =>
  new TypeError(`parked item ${String(pk)} ${String(sk)} has no ${name} in its format`);
