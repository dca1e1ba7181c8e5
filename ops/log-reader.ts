/** Reads functions' logs back. */
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsCommandOutput,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { functions } from '#functions/tables/functions.ts';
import { logGroupName, type Stage } from '#functions/tables/names.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import type { LogEvent } from './log-line.ts';

export interface LogRange {
  readonly group: string;
  readonly sinceMs: number;
  /** Default: no end. */
  readonly untilMs?: number;
  /** Only events that contain this word. Letters, digits and `-`. */
  readonly containing?: string;
  /** Only these streams, 1 to 100. */
  readonly streams?: readonly string[];
}

export interface LogReader {
  /** The events of a group, oldest first. A group that no function has written to yet has none. */
  read(range: LogRange): Promise<readonly LogEvent[]>;
}

/** A stage's logs: how to read them, and which group is whose. */
export interface StageLogs {
  readonly logs: LogReader;
  /** Log group by function. */
  readonly groups: Readonly<Record<string, string>>;
}

/** Where AWS is, and who asks, is the environment's to say. */
export const logsOf = (stage: Stage): StageLogs => ({
  logs: cloudWatchLogReader(
    // A search through a day of logs is slow.
    new CloudWatchLogsClient(clientOptions({ ...patience, maxAttempts: 5 })),
  ),
  groups: Object.fromEntries(
    Object.keys(functions).map((name) => [name, logGroupName(stage, name)]),
  ),
});

/** The most that FilterLogEvents returns at once. */
const pageSize = 10_000;

export function cloudWatchLogReader(client: CloudWatchLogsClient): LogReader {
  return {
    async read(range) {
      try {
        return await readAll(client, range);
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [];
        throw error;
      }
    },
  };
}

async function readAll(
  client: CloudWatchLogsClient,
  { group, sinceMs, untilMs, containing = '', streams }: LogRange,
): Promise<readonly LogEvent[]> {
  const all: LogEvent[] = [];
  let from = { startTime: sinceMs, skip: 0 };
  let nextToken: string | undefined;
  for (;;) {
    const page: FilterLogEventsCommandOutput = await client.send(
      new FilterLogEventsCommand({
        logGroupName: group,
        startTime: from.startTime,
        limit: pageSize,
        ...(untilMs !== undefined && { endTime: untilMs }),
        ...(containing !== '' && { filterPattern: `"${containing}"` }),
        ...(streams && { logStreamNames: [...streams] }),
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    const events = (page.events ?? []).map(toLogEvent);
    // LocalStack takes the pattern and answers everything.
    all.push(...events.slice(from.skip).filter(({ text }) => text.includes(containing)));
    nextToken = page.nextToken;
    if (nextToken !== undefined) {
      from = { ...from, skip: 0 };
      continue;
    }
    if (events.length < pageSize || events.length <= from.skip) return all;
    // The local engine cuts at the limit without a token: go on from the last instant.
    const startTime = events.at(-1)?.atMs ?? 0;
    from = { startTime, skip: events.filter(({ atMs }) => atMs === startTime).length };
  }
}

const toLogEvent = ({
  eventId,
  logStreamName = '',
  timestamp = 0,
  message = '',
}: NonNullable<FilterLogEventsCommandOutput['events']>[number]): LogEvent => ({
  ...(eventId && { id: eventId }),
  stream: logStreamName,
  atMs: timestamp,
  text: message,
});
