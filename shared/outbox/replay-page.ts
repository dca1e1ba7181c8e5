/** Stored events of a time, page by page in the order of their ids, which is that of time. */
import type { Item } from '../state/items.ts';
import type { RangeReader } from '../state/store.ts';
import type { DomainEvent } from './event.ts';
import { bucketAt, nameOf, partitionsOf } from './outbox-items.ts';
import { eventsToReplay, type ReplayFilter } from './replay.ts';

/** What lies before it has been read. */
export interface ReplayPosition {
  readonly bucket: number;
  /** Behind the item of this name, in every partition of the bucket. Absent: from its beginning. */
  readonly afterName?: string;
}

export interface ReplayPageOptions {
  readonly store: RangeReader;
  /** The role of the table. */
  readonly table: string;
  readonly filter: ReplayFilter;
  readonly position: ReplayPosition;
  /** Most events of a page. From 1. */
  readonly limit: number;
  /** Asked before each read but the first: whether another may begin. */
  readonly hasTime: () => boolean;
}

export interface ReplayPage {
  readonly events: readonly DomainEvent[];
  /** Absent on the last one. A page may have no events and still not be the last. */
  readonly next?: ReplayPosition;
}

export const startOf = ({ fromMs }: Pick<ReplayFilter, 'fromMs'>): ReplayPosition => ({
  bucket: bucketAt(fromMs),
});

/** Reads of one page: of empty buckets, most of a day. */
const mostReads = 100;

const itemsOfPartition = 100;

export async function replayPage({
  limit,
  hasTime,
  ...range
}: ReplayPageOptions): Promise<ReplayPage> {
  const { filter } = range;
  const last = bucketAt(filter.toMs - 1);
  const events: DomainEvent[] = [];
  let { position } = range;
  for (let reads = 0; position.bucket <= last; reads++) {
    if (events.length === limit || reads === mostReads || (reads > 0 && !hasTime()))
      return { events, next: position };
    const read = await readOn({ ...range, position });
    const room = limit - events.length;
    events.push(...read.events.slice(0, room));
    const cut = read.events.length > room ? events.at(-1) : undefined;
    position = cut ? { bucket: position.bucket, afterName: cut.id } : read.next;
  }
  return { events };
}

/**
 * The next items of a bucket's partitions, up to the name to which all of them were read: so that
 * one position is enough for eight partitions, and an aggregate's events stay in their order.
 */
async function readOn({
  store,
  table,
  filter,
  position: { bucket, afterName },
}: Omit<ReplayPageOptions, 'limit' | 'hasTime'>) {
  const pages = await Promise.all(
    partitionsOf(bucket).map((value) =>
      store.page({
        table,
        partition: { name: 'pk', value },
        sort: { name: 'sk' },
        limit: itemsOfPartition,
        consistent: true,
        ...(afterName !== undefined && { after: { pk: value, sk: afterName } }),
      }),
    ),
  );
  const ends = pages.flatMap(({ next }) => (next ? [nameOf(next)] : []));
  const end = ends.length > 0 ? ends.reduce((a, b) => (a < b ? a : b)) : undefined;
  const isRead = (item: Item) => end === undefined || nameOf(item) <= end;
  const items = pages.flatMap((page) => page.items.filter(isRead));
  return {
    events: eventsToReplay(items, filter).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    next: end === undefined ? { bucket: bucket + 1 } : { bucket, afterName: end },
  };
}
