/** What `npm run logs` can be asked. */
import type { Stage } from '#functions/tables/names.ts';
import { readOptions, stageNamed } from './command-line.ts';
import { UsageError } from './usage-error.ts';

export const logsUsage = `usage: npm run logs -- [options]
  --trace ID       the story of one trace across all functions
  --request ID     the same, of the trace that this request began (its X-Request-Id)
  --since 10m      how far back: seconds, minutes, hours or days as 30s, 10m, 2h, 1d
                   (default 1d for one trace, 10m for the log, nothing with --follow)
  --follow         and on, until Ctrl-C
  --json           one JSON object a line
  --stage sandbox  a stage on AWS; default: the stack on this machine
  --port PORT      the local stack whose endpoint has this port (default: the first one)
`;

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export interface LogsOptions {
  readonly of:
    | { readonly trace: string }
    | { readonly request: string }
    | { readonly everything: true; readonly follow: boolean };
  readonly backMs: number;
  readonly json: boolean;
  readonly stage: Stage;
  readonly port: number | undefined;
}

/** @throws UsageError */
export function readLogsOptions(args: readonly string[]): LogsOptions | 'help' {
  const { trace, request, since, follow, json, port, ...values } = parsed(args);
  if (values.help) return 'help';
  const stage = stageNamed(values.stage);
  if (trace !== undefined && request !== undefined)
    throw new UsageError('ask for a trace or for a request, not for both');
  if (follow && (trace ?? request))
    throw new UsageError('--follow shows the whole log, no single trace');
  if (trace !== undefined && !/^[0-9a-f]{32}$/.test(trace))
    throw new UsageError(`--trace must be 32 hex digits, got '${trace}'`);
  if (request !== undefined && !/^[\w-]{1,128}$/.test(request))
    throw new UsageError(`--request must be the id of a request, got '${request}'`);
  if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port))
    throw new UsageError(`--port must be the number of a port, got '${port}'`);
  const usualBackMs = follow ? 0 : (trace ?? request) ? unitMs.d : 10 * unitMs.m;
  return {
    of: trace ? { trace } : request ? { request } : { everything: true, follow },
    backMs: since === undefined ? usualBackMs : readDuration(since),
    json,
    stage,
    port: port === undefined ? undefined : Number(port),
  };
}

function parsed(args: readonly string[]) {
  return readOptions({
    args: [...args],
    options: {
      trace: { type: 'string' },
      request: { type: 'string' },
      since: { type: 'string' },
      follow: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      stage: { type: 'string', default: 'local' },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

/** `10m` in milliseconds. @throws UsageError */
export function readDuration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (!count || !unit)
    throw new UsageError(`a time is written as 30s, 10m, 2h or 1d, got '${text}'`);
  return Number(count) * unitMs[unit as keyof typeof unitMs];
}
