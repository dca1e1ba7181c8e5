/** The ports through which patterns touch queues. A failing queue throws, or names what it refused. */

export interface QueueMessage {
  /** Unique among the messages of one call. 1–80 letters, digits, `-` and `_`. */
  readonly id: string;
  readonly body: string;
  /** At most ten, none empty. */
  readonly attributes: Readonly<Record<string, string>>;
  /** X-Ray's header, for a service that links traces across queues. */
  readonly traceHeader?: string;
  /** Nobody receives it for so long after it was sent: whole seconds, 0 to 900. Default 0. */
  readonly delaySeconds?: number;
}

/** What became of one message. `code` is the queue's own word for why. */
export type Sent =
  | { readonly id: string; readonly sent: true }
  /** `retriable` false: the message is wrong, and the queue will never take it. */
  | {
      readonly id: string;
      readonly sent: false;
      readonly retriable: boolean;
      readonly code: string;
    };

export interface QueueSender {
  /**
   * Sends messages that fit into one call (see `callsOf`); answers for each. When it throws, any of
   * them may have been sent.
   */
  send(queue: string, messages: readonly QueueMessage[]): Promise<readonly Sent[]>;
}

export interface Visibility {
  /** Hides a received message from everybody for so many whole seconds from now; 0 shows it at once. */
  hide(queue: string, receiptHandle: string, seconds: number): Promise<void>;
}
