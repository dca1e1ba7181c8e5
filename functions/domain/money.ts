/** Amounts: whole minor units of an ISO 4217 currency, small enough that sums stay exact. */
import * as z from 'zod';

/** Of one transfer: a trillion of the smallest unit. Prices are multiplied, so they end sooner (item.ts). */
export const maxAmountMinor = 1_000_000_000_000;

/** Numbers above are no longer exact, so no balance goes there. */
export const maxBalanceMinor = Number.MAX_SAFE_INTEGER;

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export const currency = z
  .string()
  .length(3)
  .refine((code) => currencies.has(code), { error: 'is no currency of ISO 4217' })
  .meta({ description: 'ISO 4217, upper case.' });

export const positiveAmountMinor = z
  .int()
  .min(1)
  .max(maxAmountMinor)
  .meta({ description: 'In whole minor units.' });
