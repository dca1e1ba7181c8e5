/**
 * The versions of tags: what entries of all environments depend on. Whoever changes something bumps
 * its tags, and every entry that was loaded under an older version is over.
 *
 * A version only grows, so its item has no TTL: one that began anew would bring old entries back.
 */
import type { Address, Item } from '../state/items.ts';
import type { ItemReader, ItemWriter } from '../state/store.ts';

/** By tag. */
export type Versions = ReadonlyMap<string, number>;

/** Of what has no tags. */
export const noVersions: Versions = new Map();

export interface TagVersions {
  /**
   * Eventually consistent, at half a read unit a tag: a bump may be seen some milliseconds late.
   * @throws what the store throws
   */
  versions(tags: readonly string[]): Promise<Versions>;
  /**
   * One write unit a tag. A failure leaves each tag bumped or not; a bump too many does no harm.
   * @throws what the store threw first, when every tag has been tried
   */
  bump(tags: readonly string[]): Promise<void>;
}

export interface TagVersionsOptions {
  readonly store: ItemReader & ItemWriter;
  /** The role of the table. Default `state`. */
  readonly table?: string;
}

/** Tags are keys: whoever makes them of several parts encodes the parts. */
export function tagVersions({ store, table = 'state' }: TagVersionsOptions): TagVersions {
  const addressOf = (tag: string): Address => ({ table, key: { pk: `tag#${tag}` } });
  return {
    async versions(tags) {
      const read = async (tag: string) =>
        [tag, versionOf(await store.read(addressOf(tag), { consistent: false }))] as const;
      return new Map(await Promise.all([...new Set(tags)].map(read)));
    },
    async bump(tags) {
      const raise = (tag: string) => store.write({ add: { version: 1 }, at: addressOf(tag) });
      const raised = await Promise.allSettled([...new Set(tags)].map(raise));
      for (const each of raised) if (each.status === 'rejected') throw each.reason;
    },
  };
}

function versionOf(item: Item | undefined): number {
  const version = item === undefined ? 0 : item['version'];
  if (typeof version !== 'number') throw new TypeError('a tag without its version');
  return version;
}

/** Whether nothing that `seen` knows of has happened since `held` was taken. */
export const covers = (held: Versions, seen: Versions): boolean =>
  [...seen].every(([tag, version]) => (held.get(tag) ?? Number.NEGATIVE_INFINITY) >= version);
