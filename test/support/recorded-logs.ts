/** A log reader over events that a test holds, answering as CloudWatch Logs does. */
import type { LogEvent } from '#ops/log-line.ts';
import type { LogReader } from '#ops/log-reader.ts';

export const recordedLogs = (events: Readonly<Record<string, readonly LogEvent[]>>): LogReader => ({
  async read({ group, sinceMs, untilMs = Number.POSITIVE_INFINITY, containing = '', streams }) {
    return (events[group] ?? [])
      .filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs)
      .filter(
        ({ text, stream }) => text.includes(containing) && (streams?.includes(stream) ?? true),
      )
      .sort((a, b) => a.atMs - b.atMs);
  },
});

/** What an invocation leaves in its stream on the local engine: everything at the instant of its end. */
export const invocation = (
  requestId: string,
  atMs: number,
  texts: readonly string[],
  stream = `stream-of-${requestId}`,
): readonly LogEvent[] =>
  [
    `START RequestId: ${requestId} Version: $LATEST`,
    ...texts,
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\tDuration: 12 ms\tBilled Duration: 12 ms`,
  ].map((text) => ({ stream, atMs, text }));

/** A line as Powertools' Logger writes it. */
export const powertoolsLine = (
  service: string,
  atMs: number,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): string =>
  JSON.stringify({
    level: 'INFO',
    message,
    timestamp: new Date(atMs).toISOString(),
    service,
    sampling_rate: 0,
    ...fields,
  });

export const emfLine = (atMs: number): string =>
  JSON.stringify({
    _aws: { Timestamp: atMs, CloudWatchMetrics: [{ Namespace: 'Holdfast', Metrics: [] }] },
    Requests: 1,
  });
