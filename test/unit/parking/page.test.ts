/** The code of docs/patterns/parking.md. */
import { expect, it } from 'vitest';
import { parker } from '#shared/parking/parker.ts';
import { toArrival } from '#shared/parking/provenance.ts';
import { memoryStore } from '#shared/state/memory-store.ts';
import { codeOfFile, codeOnPage } from '../page.ts';

const dayMs = 86_400_000;

it('parks a letter, and says how', async () => {
  const store = memoryStore();
  const message = { id: 'm1', body: 'no event', attributes: { cause: 'not-json' } };
  const eventIn = () => undefined;

  const park = parker({ store, table: 'parked', retainMs: 30 * dayMs });

  const how = await park(toArrival('orders', message, eventIn));

  expect(how).toBe('parked');
  expect(store.items('parked')).toMatchObject([{ pk: 'orders', sk: 'm1', cause: 'not-json' }]);
});

it.each([0, 1.5])('takes no retention of %s ms', (retainMs) => {
  expect(() => parker({ store: memoryStore(), table: 'parked', retainMs })).toThrow(RangeError);
});

it('is the code on the page', () => {
  for (const code of codeOnPage('parking'))
    expect(codeOfFile(import.meta.filename)).toContain(code);
});
