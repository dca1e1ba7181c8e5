/**
 * `npm run logs`: what the functions say. One request's story across all of them, or the log as it
 * grows.
 */

import { failed } from './command-line.ts';
import { followLogs } from './follow.ts';
import { formatLogLine, formatStory } from './format.ts';
import type { Line } from './log-line.ts';
import { logsOf, type StageLogs } from './log-reader.ts';
import { type LogsOptions, logsUsage, readLogsOptions } from './logs-options.ts';
import { enterStage } from './stack.ts';
import { readLines, readStory, tracesOfRequest } from './story.ts';

/** @returns the exit code: 0 done, 1 nothing is known of what was asked for */
async function show(
  { of, backMs, json }: LogsOptions,
  source: StageLogs,
  signal: AbortSignal,
): Promise<number> {
  const where = { ...source, sinceMs: Date.now() - backMs };
  const print = (line: Line) => console.log(json ? JSON.stringify(line) : formatLogLine(line));
  if ('everything' in of) {
    if (of.follow) await followLogs({ ...where, onLine: print, signal });
    else (await readLines(where)).forEach(print);
    return 0;
  }
  const traces =
    'trace' in of ? [of.trace] : await tracesOfRequest({ ...where, requestId: of.request });
  const stories = await Promise.all(traces.map((traceId) => readStory({ ...where, traceId })));
  for (const story of stories) {
    if (json) story.lines.forEach(print);
    else console.log(formatStory(story));
  }
  if (stories.some(({ lines }) => lines.length > 0)) return 0;
  if (stories.length === 0) console.error('No line of the log names this request.');
  console.error(
    'Lines take some seconds to arrive on AWS; --since looks further back (as 2d for two days).',
  );
  return 1;
}

async function main(args: readonly string[]): Promise<number> {
  const ended = new AbortController();
  process.once('SIGINT', () => ended.abort());
  process.once('SIGTERM', () => ended.abort());
  // Whoever reads our output has enough of it: `| head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  try {
    const options = readLogsOptions(args);
    if (options === 'help') {
      process.stdout.write(logsUsage);
      return 0;
    }
    enterStage(options.stage, { port: options.port });
    return await show(options, logsOf(options.stage), ended.signal);
  } catch (error) {
    return failed(error, logsUsage, (text) => process.stderr.write(text));
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
