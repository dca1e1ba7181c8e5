/** No two of (tenant, user, route, key) share a record, an id or an entity's address. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderAddress } from '#functions/domain/keys.ts';
import { deadline } from '#shared/deadline/deadline.ts';
import { recordAddress } from '#shared/idempotency/carrier.ts';
import { unitKey } from '#shared/idempotency/key.ts';
import { unitOfWork } from '#shared/idempotency/unit-of-work.ts';
import { uuidV8Of } from '#shared/ids/uuid.ts';
import { addressText } from '#shared/state/items.ts';
import { memoryStore } from '#shared/state/memory-store.ts';

/** Separators of keys, paths and hashes among letters: what could make two names read as one. */
const unit = fc.oneof(
  fc.constantFrom('#', '/', ':', '|', '%', '%23', '"', '\\', '\0', '1:', 'ä', 'a\u0308', '💶', ' '),
  fc.constantFrom('a', 'b', '1'),
  fc.nat(0xd7ff).map((code) => String.fromCharCode(code)),
);
const part = fc.array(unit, { maxLength: 5 }).map((units) => units.join(''));
const scope = fc.tuple(part, part, part, part);

/** Two scopes that differ: unrelated, or one cut elsewhere in the same characters. */
const twoScopes = fc.oneof(
  fc.tuple(scope, scope),
  fc.tuple(scope, fc.nat(3), fc.integer({ min: 1, max: 4 })).map(([a, index, cut]) => {
    const [from, to] = [index, (index + 1) % 4] as [0 | 1 | 2 | 3, 0 | 1 | 2 | 3];
    const b: typeof a = [...a];
    const characters = [...b[from]];
    const moved = characters.splice(-cut).join('');
    b[from] = characters.join('');
    b[to] = moved + b[to];
    return [a, b] as const;
  }),
);

const differ = (a: readonly string[], b: readonly string[]) =>
  JSON.stringify(a) !== JSON.stringify(b);

describe('the scope of an idempotency key', () => {
  it('is one record, one id, and one entity in one tenant', () => {
    fc.assert(
      fc.property(twoScopes, ([a, b]) => {
        fc.pre(differ(a, b));
        const [keyA, keyB] = [unitKey(...a), unitKey(...b)];
        expect(keyA).not.toBe(keyB);
        expect(uuidV8Of(keyA)).not.toBe(uuidV8Of(keyB));
        const record = (key: string) => addressText(recordAddress('state', key));
        expect(record(keyA)).not.toBe(record(keyB));
        const entity = ([tenant]: readonly string[], key: string) =>
          addressText(orderAddress(tenant ?? '', uuidV8Of(key)));
        expect(entity(a, keyA)).not.toBe(entity(b, keyB));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps entities of two tenants apart even under one id, whatever they are called', () => {
    fc.assert(
      fc.property(part, part, part, (a, b, id) => {
        fc.pre(a !== b);
        expect(addressText(orderAddress(a, id))).not.toBe(addressText(orderAddress(b, id)));
      }),
    );
  });

  it('carries out both of two requests whose scopes differ, and each once', async () => {
    await fc.assert(
      fc.asyncProperty(twoScopes, fc.boolean(), async ([a, b], compact) => {
        fc.pre(differ(a, b));
        const store = memoryStore();
        const run = (scoped: readonly string[]) => {
          const key = unitKey(...scoped);
          const at = orderAddress(scoped[0] ?? '', uuidV8Of(key));
          return unitOfWork({ store, recordsTable: 'state' }).run(
            {
              key,
              fingerprint: 'the same',
              ...(compact ? { entityAt: at } : { retainMs: 1_000 }),
              deadline: deadline({ inMs: 60_000 }),
              subject: 'fuzz',
            },
            async () => ({
              answer: [...scoped],
              writes: [{ put: { version: 1 }, at, when: { absent: true } }],
            }),
          );
        };
        const answers = [await run(a), await run(b), await run(a), await run(b)];
        expect(answers).toEqual([
          { how: 'committed', answer: a },
          { how: 'committed', answer: b },
          { how: 'replayed', answer: a },
          { how: 'replayed', answer: b },
        ]);
        expect(store.items('domain')).toHaveLength(2);
      }),
      { numRuns: 60 },
    );
  });
});
