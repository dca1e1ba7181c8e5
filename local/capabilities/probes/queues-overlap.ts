/** How many of several pieces of work were done at the same time. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Spans that only touch do not overlap. */
export const mostAtOnce = (spans: readonly Span[]): number =>
  Math.max(
    0,
    ...spans.map(
      ({ fromMs }) =>
        spans.filter((other) => other.fromMs <= fromMs && other.untilMs > fromMs).length,
    ),
  );
