/** Telemetry that a test can read: lines and metrics, with the fields of their scope. */
import type { Fields, Telemetry } from '#functions/telemetry.ts';

export interface RecordedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Fields;
}

export function recordedSignals() {
  const lines: RecordedLine[] = [];
  const metrics: { readonly name: string; readonly value: number; readonly dimensions: object }[] =
    [];
  const signals: Telemetry = {
    scope({ trace, fields }) {
      const log =
        (level: string) =>
        (input: unknown, ...extra: unknown[]) => {
          const [details] = extra;
          lines.push({
            level,
            message: String(input),
            fields: {
              trace_id: trace.traceId,
              ...fields,
              ...(details instanceof Error ? { error: details.message } : (details as Fields)),
            },
          });
        };
      return {
        logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
        listen: ({ pattern, happened, facts }) =>
          lines.push({ level: 'event', message: `${pattern} ${happened}`, fields: facts ?? {} }),
        record: (name, value, dimensions) => metrics.push({ name, value, dimensions }),
      };
    },
  };
  return { signals, lines, metrics };
}
