/**
 * What patterns tell the world. A pattern never logs and never counts: it hands each change of its
 * state to a listener, and the handler decides what becomes of it.
 */
export interface ResilienceEvent {
  /** The pattern, by the name of its folder in shared/. */
  readonly pattern: string;
  /** What happened, in the past tense: `replayed`, `parked`, `swept`. */
  readonly happened: string;
  /** What it happened to: a route, a queue, a dependency. Never personal data. */
  readonly subject: string;
  /** `info` is the pattern at work, `warning` needs a look, `error` needs a person. */
  readonly severity: 'info' | 'warning' | 'error';
  /** Ids and numbers that explain it. Never personal data. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** Must not throw: a pattern calls it in the middle of its work. */
export type Listener = (event: ResilienceEvent) => void;

export const silent: Listener = () => {};
