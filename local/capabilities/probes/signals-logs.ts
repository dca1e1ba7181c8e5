/** Whether logs look as on AWS, and can be searched as there. */
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { functionLog } from '../lab/function-log.ts';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';
import { unlessRefused } from '../refusal.ts';

const logStreams: Probe = async (lab) => {
  const { name } = await lab.deployFunction({
    code: `export const handler = async () => { console.log('a line'); };`,
    hint: 'logging',
  });
  const logGroupName = await functionLog(lab, name);
  // One after the other: in one environment.
  const calls = 3;
  for (let call = 0; call < calls; call += 1) await lab.invoke({ functionName: name });
  const events = await lab.must(
    `the lines of ${calls} calls are in the log`,
    async () => {
      const { events: found = [] } = await lab.clients.logs.send(
        new FilterLogEventsCommand({ logGroupName }),
      );
      return found.filter(({ message }) => message?.includes('a line')).length >= calls && found;
    },
    { withinMs: 30_000, everyMs: 300 },
  );
  const streams = new Set(events.map(({ logStreamName }) => logStreamName)).size;
  const starting = (word: string) =>
    events.filter(({ message }) => message?.startsWith(`${word} RequestId:`)).length;
  const [starts, reports] = [starting('START'), starting('REPORT')];
  return {
    does: streams === 1 && starts === calls && reports === calls,
    saw: `${calls} calls in ${streams} streams, with ${starts} START and ${reports} REPORT`,
  };
};

/** A log group of two streams, with `each` lines that match `given up` in each, and as many others. */
async function writtenLog({ clients: { logs }, name, later }: Lab, each: number): Promise<string> {
  const logGroupName = name('log');
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  later(() => logs.send(new DeleteLogGroupCommand({ logGroupName })));
  for (const logStreamName of ['a', 'b']) {
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const messages = Array.from({ length: each }, (_, index) => [
      `given up ${logStreamName}${index}`,
      `done ${logStreamName}${index}`,
    ]).flat();
    await logs.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: messages.map((message) => ({ message, timestamp: Date.now() })),
      }),
    );
  }
  return logGroupName;
}

/** Every page that FilterLogEvents has for a question, one after the other. */
async function pagesOf(
  { clients: { logs } }: Lab,
  question: FilterLogEventsCommandInput,
): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  let nextToken: string | undefined;
  do {
    const page: FilterLogEventsCommandOutput = await logs.send(
      new FilterLogEventsCommand({ ...question, ...(nextToken !== undefined && { nextToken }) }),
    );
    pages.push((page.events ?? []).map(({ message = '' }) => message));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return pages;
}

/** The same, when there are so many lines in all; lines take a moment to be found. */
async function pagesOnce(lab: Lab, lines: number, question: FilterLogEventsCommandInput) {
  let pages: readonly (readonly string[])[] = [];
  await lab.eventually(
    async () => {
      pages = await pagesOf(lab, question);
      return pages.flat().length >= lines;
    },
    { withinMs: 3_000, everyMs: 500 },
  );
  return pages;
}

const logPattern: Probe = async (lab) => {
  const each = 2;
  const logGroupName = await writtenLog(lab, each);
  const found = (
    await pagesOnce(lab, 2 * each, { logGroupName, filterPattern: '"given up"' })
  ).flat();
  const matching = found.filter((line) => line.startsWith('given up')).length;
  return {
    does: matching === 2 * each && found.length === matching,
    saw: `${matching} of ${2 * each} lines that match, and ${found.length - matching} others`,
  };
};

const logPaging: Probe = async (lab) => {
  const each = 2;
  const lines = 4 * each;
  const pages = await pagesOnce(lab, lines, {
    logGroupName: await writtenLog(lab, each),
    limit: 3,
  });
  const found = pages.flat();
  return {
    does: found.length === lines && new Set(found).size === lines,
    saw: `${found.length} of ${lines} lines in ${pages.length} pages of 3`,
  };
};

const logInsights: Probe = async (lab) => {
  const each = 2;
  const logGroupName = await writtenLog(lab, each);
  return unlessRefused(async () => {
    const nowSeconds = Math.ceil(Date.now() / 1_000);
    const { queryId } = await lab.clients.logs.send(
      new StartQueryCommand({
        logGroupName,
        startTime: nowSeconds - 600,
        endTime: nowSeconds + 60,
        queryString: 'filter @message like /given up/ | stats count(*) as lines',
      }),
    );
    const rows = await lab.eventually(
      async () => {
        const { status, results = [] } = await lab.clients.logs.send(
          new GetQueryResultsCommand({ queryId }),
        );
        return status === 'Complete' && results;
      },
      { withinMs: 5_000, everyMs: 300 },
    );
    const counted = rows?.[0]?.find(({ field }) => field === 'lines')?.value;
    return {
      does: Number(counted) === 2 * each,
      saw: counted === undefined ? 'no count' : `${counted} lines counted of ${2 * each}`,
    };
  });
};

export const logProbes = {
  'log-streams': logStreams,
  'log-pattern': logPattern,
  'log-paging': logPaging,
  'log-insights': logInsights,
};
