/** The port through which mail leaves. */
import type { Deadline } from '#shared/deadline/deadline.ts';
import type { Trace } from '#shared/telemetry/trace.ts';

export type Template = 'order-confirmed' | 'order-rejected' | 'order-cancelled';

export interface Mail {
  /** A mail is sent once under its key, however often it is asked for. */
  readonly key: string;
  readonly to: string;
  readonly template: Template;
  readonly orderId: string;
}

export interface Mailer {
  /**
   * Resolves when the provider has taken the mail.
   * @throws RecipientFault when it never will (their 4xx); anything else may pass.
   */
  send(mail: Mail, around: { readonly trace: Trace; readonly deadline: Deadline }): Promise<void>;
}
