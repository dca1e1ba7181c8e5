/** A message as a worker is given it. */
export interface Message {
  /** The queue's own name for it, the same at every receive. */
  readonly id: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Receives so far, this one included. */
  readonly attempt: number;
}
