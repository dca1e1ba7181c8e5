/** What an order's decision leads to: a mail to whoever ordered. */
import type { Decision } from '#shared/idempotency/decision.ts';
import { RecipientFault } from '#shared/worker/faults.ts';
import type { EventOf } from '../consumed-event.ts';
import type { Circumstances, Done } from '../consumer.ts';
import { readUser } from '../domain/catalogue.ts';
import { userAddress } from '../domain/keys.ts';
import type { Mailer, Template } from './mailer.ts';

const templates = {
  'order.confirmed': 'order-confirmed',
  'order.rejected': 'order-rejected',
} as const satisfies Record<string, Template>;

type OrderDecided = EventOf<keyof typeof templates>;

/**
 * The mail goes out before the commit, under the event's id: whoever dies in between asks the
 * provider again for the same mail. An address that is gone or refused is a result, not a failure.
 */
export async function sendEmail(
  { id, type, tenant, data: { orderId, userId } }: OrderDecided,
  mailer: Mailer,
  { reader, trace, deadline }: Circumstances,
): Promise<Decision<Done, never>> {
  const user = readUser(await reader.look(userAddress(tenant, userId)));
  if (!user) return undeliverable('user-unknown');
  const mail = { key: id, to: user.email, template: templates[type], orderId };
  try {
    await mailer.send(mail, { trace, deadline });
  } catch (error) {
    if (error instanceof RecipientFault) return undeliverable('recipient-refused');
    throw error;
  }
  return { answer: { outcome: 'done' }, writes: [] };
}

const undeliverable = (reason: string): Decision<Done, never> => ({
  answer: { outcome: 'undeliverable', reason },
  writes: [],
});
