/** A mail provider that can be told to misbehave. It honours keys, and keeps what it did for an auditor. */
import * as z from 'zod';
import { readSimulatedFaults, simulatedFaultsAddress } from '#shared/faults/fault-items.ts';
import { type MisbehaveOptions, misbehaving } from '#shared/faults/misbehave.ts';
import type { Address } from '#shared/state/items.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';
import { onceUnderKey } from '../once-under-key.ts';

export const mailRequest = z.object({
  key: z.string().min(1),
  to: z.email(),
  template: z.string().min(1),
  orderId: z.string().min(1),
});

export interface MailAnswer {
  readonly status: 202 | 400 | 422 | 503;
  /** Under this key a mail was sent before, and this one was not sent again. */
  readonly repeated?: boolean;
}

/** What an auditor finds: one item a mail, with the times it was asked for. No address. */
export const sentMailAddress = (key: string): Address => ({
  table: 'state',
  key: { pk: `simulated#email#${key}` },
});

export interface SimulatedEmailOptions
  extends Omit<MisbehaveOptions<MailAnswer>, 'faults' | 'unavailable'> {
  readonly store: ItemReader & ItemWriter;
  readonly now?: () => number;
}

/** The answer as over HTTP: 400 for a request it cannot read, 422 for a key used for another mail. */
export async function simulatedEmail(
  request: unknown,
  { store, now = Date.now, ...misbehaviour }: SimulatedEmailOptions,
): Promise<MailAnswer> {
  const mail = mailRequest.safeParse(request).data;
  const faults = readSimulatedFaults(await store.read(simulatedFaultsAddress('state', 'email')));

  async function send(): Promise<MailAnswer> {
    if (!mail) return { status: 400 };
    const { key, template, orderId } = mail;
    return onceUnderKey({ store, at: sentMailAddress(key), what: { template, orderId }, now });
  }

  return misbehaving(send, { ...misbehaviour, faults, unavailable: { status: 503 } });
}
