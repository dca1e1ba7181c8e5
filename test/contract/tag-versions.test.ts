/** The versions of tags, over every store. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type TagVersionsOptions, tagVersions } from '#shared/cache/tag-versions.ts';
import { dynamoClients } from '#shared/state/dynamodb-client.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { createTables } from '../support/tables.ts';

function tagVersionsContract(store: () => TagVersionsOptions['store']): void {
  const newTag = () => `acme#${crypto.randomUUID()}`;

  it('are 0 of tags that were never bumped, and each tag’s own', async () => {
    const { versions, bump } = tagVersions({ store: store() });
    const [a, b] = [newTag(), newTag()];
    await bump([a, a]);
    await bump([a]);
    expect(await versions([a, b, a])).toEqual(
      new Map([
        [a, 2],
        [b, 0],
      ]),
    );
  });

  it('lose no bump of many at once', async () => {
    const { versions, bump } = tagVersions({ store: store() });
    const tag = newTag();
    await Promise.all(Array.from({ length: 25 }, () => bump([tag])));
    expect(await versions([tag])).toEqual(new Map([[tag, 25]]));
  });

  it('are a fault where something else stands under a tag', async () => {
    const tag = newTag();
    await store().write({
      put: { version: 'x' },
      at: { table: 'state', key: { pk: `tag#${tag}` } },
    });
    const { versions } = tagVersions({ store: store() });
    await expect(versions([tag])).rejects.toThrow(new TypeError('a tag without its version'));
  });
}

describe('versions of tags in memory', () => {
  const store = memoryStore();
  tagVersionsContract(() => store);

  it('try every tag although one fails, and say so', async () => {
    const failing = memoryStore({
      faults: ({ verb, at }) =>
        verb === 'write' && at?.key['pk'] === 'tag#a' ? 'lose-request' : undefined,
    });
    const { versions, bump } = tagVersions({ store: failing });
    await expect(bump(['a', 'b'])).rejects.toThrow('was lost');
    expect(await versions(['a', 'b'])).toEqual(
      new Map([
        ['a', 0],
        ['b', 1],
      ]),
    );
  });
});

describe('versions of tags in DynamoDB', () => {
  const prefix = `tags-${crypto.randomUUID()}`;
  beforeAll(() => createTables(dynamoClients().once, prefix));
  const store = dynamoStore({ tables: { state: `${prefix}-state` } });
  tagVersionsContract(() => store);
});
