/** The port through which jobs of the relay leave. */
import type { Deadline } from '#shared/deadline/deadline.ts';
import type { Trace } from '#shared/telemetry/trace.ts';
import type { RelayPayload } from '../domain/relay-job.ts';

export interface Handed extends RelayPayload {
  /** It is taken once under its key, however often it is asked for. */
  readonly key: string;
  readonly jobId: string;
}

export interface RelayTarget {
  /**
   * Resolves when the target has taken it.
   * @throws RecipientFault when it never will (their 4xx); anything else may pass.
   */
  take(
    handed: Handed,
    around: { readonly trace: Trace; readonly deadline: Deadline },
  ): Promise<void>;
}
