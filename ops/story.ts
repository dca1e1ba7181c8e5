/** The story of one trace: what every function said about it, from the gateway to the last worker. */
import { beginsInvocation, type Line, type LogEvent, readLine } from './log-line.ts';
import type { LogReader, StageLogs } from './log-reader.ts';

export interface Story {
  readonly traceId: string;
  /** Oldest first. Empty when nothing is known of the trace. */
  readonly lines: readonly Line[];
  /** Functions in the order in which they first spoke. */
  readonly functions: readonly string[];
  /** From the first line to the last. */
  readonly elapsedMs: number;
}

interface Where extends StageLogs {
  readonly sinceMs: number;
}

export interface StoryOptions extends Where {
  /** 32 hex digits. */
  readonly traceId: string;
}

/**
 * Every line of the trace; and where an invocation worked for it, what the platform or Node itself
 * said there, of a crash or a timeout for instance.
 */
export async function readStory({ traceId, logs, groups, sinceMs }: StoryOptions): Promise<Story> {
  const perFunction = await Promise.all(
    Object.entries(groups).map(async ([name, group]) => {
      const isOfTrace = (event: LogEvent) => readLine(name, event)?.traceId === traceId;
      const hits = (await logs.read({ group, sinceMs, containing: traceId })).filter(isOfTrace);
      return (await around(hits, logs, group))
        .filter((invocation) => invocation.some(isOfTrace))
        .flat()
        .flatMap((event) => readLine(name, event) ?? [])
        .filter((line) => line.traceId === traceId || line.level === 'raw');
    }),
  );
  return toStory(traceId, perFunction.flat());
}

/** No function runs longer (tested), so this much around a line is its whole invocation. */
export const longestRunMs = 60_000;

/** The invocations of the streams that these events are from, at about their time. */
async function around(
  events: readonly LogEvent[],
  logs: LogReader,
  group: string,
): Promise<readonly (readonly LogEvent[])[]> {
  const [first] = events;
  const last = events.at(-1);
  if (!first || !last) return [];
  const streams = [...new Set(events.map(({ stream }) => stream))];
  const pages = Array.from({ length: Math.ceil(streams.length / 100) }, (_, page) =>
    logs.read({
      group,
      streams: streams.slice(100 * page, 100 * (page + 1)),
      sinceMs: first.atMs - longestRunMs,
      untilMs: last.atMs + longestRunMs,
    }),
  );
  const byStream = Map.groupBy((await Promise.all(pages)).flat(), ({ stream }) => stream);
  return [...byStream.values()].flatMap(invocationsOf);
}

/** The events of one stream, cut where invocations begin. */
function invocationsOf(events: readonly LogEvent[]): readonly (readonly LogEvent[])[] {
  const starts = events.flatMap((event, at) => (at === 0 || beginsInvocation(event) ? [at] : []));
  return starts.map((start, nth) => events.slice(start, starts[nth + 1]));
}

/** The traces that a request began or took part in: one as a rule, none when it is not known. */
export async function tracesOfRequest({
  requestId,
  ...where
}: Where & { readonly requestId: string }): Promise<readonly string[]> {
  const lines = await readLines({ ...where, word: requestId });
  const ofIt = lines.filter(
    ({ correlationId, fields }) =>
      correlationId === requestId || fields['function_request_id'] === requestId,
  );
  return [...new Set(ofIt.flatMap(({ traceId }) => traceId ?? []))];
}

/** All lines since then, of all functions, oldest first; only those with this word where given. */
export async function readLines({
  word,
  logs,
  groups,
  sinceMs,
}: Where & { readonly word?: string }): Promise<readonly Line[]> {
  const perFunction = await Promise.all(
    Object.entries(groups).map(async ([name, group]) => {
      const containing = word === undefined ? {} : { containing: word };
      const events = await logs.read({ group, sinceMs, ...containing });
      return events.flatMap((event) => readLine(name, event) ?? []);
    }),
  );
  return perFunction.flat().sort((a, b) => a.atMs - b.atMs);
}

/** Lines of one trace, in any order. */
export function toStory(traceId: string, lines: readonly Line[]): Story {
  const ordered = [...lines].sort((a, b) => a.atMs - b.atMs);
  return {
    traceId,
    lines: ordered,
    functions: [...new Set(ordered.map((line) => line.function))],
    elapsedMs: (ordered.at(-1)?.atMs ?? 0) - (ordered[0]?.atMs ?? 0),
  };
}
