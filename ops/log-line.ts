/** A line of a function's log, read from what CloudWatch Logs keeps of it. */

/** As CloudWatch Logs keeps it. */
export interface LogEvent {
  /** Unique where the engine says one; the local one does not. */
  readonly id?: string;
  readonly stream: string;
  /** When the platform took it, milliseconds since 1970. The local engine takes all lines of an
   *  invocation at its end. */
  readonly atMs: number;
  readonly text: string;
}

export interface Line {
  /** The function's name in functions/tables/functions.ts. */
  readonly function: string;
  /** When the function wrote it, by its own clock; when the platform took it, where it does not say. */
  readonly atMs: number;
  /** `raw`: not written by our logger. A crash, a timeout, a warning of Node. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'raw';
  readonly message: string;
  readonly traceId?: string;
  /** The request that began it all. */
  readonly correlationId?: string;
  /** Whatever else the line says. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Said of every line alike, or found elsewhere in it. */
const dull = new Set([
  'timestamp',
  'level',
  'message',
  'service',
  'trace_id',
  'correlation_id',
  'sampling_rate',
  'xray_trace_id',
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
]);

const levels = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
  FATAL: 'error',
} as const satisfies Record<string, Line['level']>;

/** What the platform writes about an invocation, for its bill. */
const platform = /^(START|END|REPORT|INIT_START|INIT_REPORT|EXTENSION|XRAY|RESTORE_\w+)\b/;

/** Node on its own dependencies and on the engine's code: nothing that a request did. */
const deprecation = /^\(node:\d+\) \[DEP\d+\]|^\(Use `node --trace-deprecation/;

/** Undefined for what is no log line: the platform's own notes, metrics (EMF), blanks. */
export function readLine(functionName: string, { text, atMs }: LogEvent): Line | undefined {
  const trimmed = text.trimEnd();
  if (trimmed === '' || platform.test(trimmed) || deprecation.test(trimmed)) return undefined;
  const said = fromJson(trimmed);
  if (said && ('_aws' in said || String(said['type']).startsWith('platform.'))) return undefined;
  const level = said && levels[said['level'] as keyof typeof levels];
  if (!said || !level)
    return { function: functionName, atMs, level: 'raw', message: trimmed, fields: {} };
  const writtenAtMs = Date.parse(String(said['timestamp']));
  return {
    function: functionName,
    atMs: Number.isNaN(writtenAtMs) ? atMs : writtenAtMs,
    level,
    message: String(said['message'] ?? ''),
    ...textOf('traceId', said['trace_id']),
    ...textOf('correlationId', said['correlation_id']),
    fields: Object.fromEntries(Object.entries(said).filter(([name]) => !dull.has(name))),
  };
}

const textOf = <K extends string>(key: K, value: unknown) =>
  (typeof value === 'string' ? { [key]: value } : {}) as Partial<Record<K, string>>;

function fromJson(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Whether an invocation begins here, in the stream of its environment. */
export const beginsInvocation = ({ text }: LogEvent): boolean =>
  text.startsWith('START RequestId:') || text.includes('"type":"platform.start"');
