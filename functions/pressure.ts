/** The pressure on this service's queues: who reads it, and what its workers tell of it. */
import type { SQSRecord } from 'aws-lambda';
import { assertWhole } from '#shared/options/assert-numbers.ts';
import { ageReportAddress, ageReported, ageReportWrite } from '#shared/pressure/age-report.ts';
import { type BacklogReader, type Gauge, pressureGauge } from '#shared/pressure/gauge.ts';
import { levels } from '#shared/pressure/levels.ts';
import { backlogClient, sqsBacklog } from '#shared/pressure/sqs-backlog.ts';
import type { ItemReader, ItemWriter } from '#shared/state/store.ts';
import { nowAndThen } from '#shared/telemetry/now-and-then.ts';
import { type Listener, silent } from '#shared/telemetry/resilience-event.ts';
import { newTrace } from '#shared/telemetry/trace.ts';
import { waitedMs } from '#shared/worker/sqs-message.ts';
import { pressureQueues, pressureTimes } from './tables/pressure.ts';
import type { QueueName } from './tables/queues.ts';
import type { Scope, Telemetry } from './telemetry.ts';

/** Where the reports stand. */
const table = 'state';

const { reportFromMs, reportEveryMs, reportLifeMs, ...readingTimes } = pressureTimes;

export interface ReaderOptions {
  /** Messages of a queue that are not done. */
  readonly backlogOf: (queue: string) => Promise<number>;
  readonly store: ItemReader;
  /** Is told of `age-unknown` once, until the report of that queue can be read again. */
  readonly listen?: Listener;
  readonly now?: () => number;
}

/**
 * Every queue in one go: half of a reading would look like a short queue. Their ages are a help: when
 * the table is down nobody must come in for that, so the lengths count alone.
 */
export function backlogReader({
  backlogOf,
  store,
  listen = silent,
  now = Date.now,
}: ReaderOptions): BacklogReader {
  const unknown = new Set<string>();

  async function ageOf(queue: string): Promise<number | undefined> {
    try {
      const report = await store.read(ageReportAddress(table, queue), { consistent: false });
      unknown.delete(queue);
      return ageReported(report, now(), { lifeMs: reportLifeMs });
    } catch (error) {
      if (!unknown.has(queue))
        listen({
          pattern: 'pressure',
          happened: 'age-unknown',
          subject: queue,
          severity: 'warning',
          facts: { error: error instanceof Error ? error.name : 'unknown' },
        });
      unknown.add(queue);
      return undefined;
    }
  }

  return {
    read: () =>
      Promise.all(
        pressureQueues.map(async (queue) => {
          const [backlog, oldestAgeMs] = await Promise.all([backlogOf(queue), ageOf(queue)]);
          return { queue, backlog, oldestAgeMs };
        }),
      ),
  };
}

export interface GaugeEnvironment {
  readonly name: string;
  readonly queueUrls: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, string>>;
}

/** @throws RangeError when the function's row watches no queue, or has no table for the reports. */
export function gaugeOf(
  { name, queueUrls, tables }: GaugeEnvironment,
  signals: Telemetry,
  store: ItemReader,
): Gauge {
  const missing = [
    ...pressureQueues.filter((queue) => !queueUrls[queue]),
    ...(tables[table] ? [] : [table]),
  ];
  if (missing.length > 0)
    throw new RangeError(`${name} reads the pressure, so its row needs ${missing.join(', ')}`);
  // What happens to a reading belongs to no request, so it has a trace of its own.
  const { listen, record } = signals.scope({ trace: newTrace() });
  return pressureGauge({
    ...readingTimes,
    reader: backlogReader({
      backlogOf: sqsBacklog({ client: backlogClient(), urls: queueUrls }),
      store,
      listen,
    }),
    listen,
    onReading: (level) => record('PressureLevel', levels.indexOf(level), {}),
  });
}

export interface AgeReporterOptions {
  readonly store: ItemWriter;
  readonly now?: () => number;
}

/** Tells of a batch that had to wait. It never fails: a batch is worked on whoever hears of it. */
export type ReportAge = (records: readonly SQSRecord[], listen: Scope['listen']) => Promise<void>;

/** For the worker of a queue; it writes nothing for one that is not part of the pressure. */
export function ageReporter(
  queue: QueueName,
  { store, now = Date.now }: AgeReporterOptions,
): ReportAge {
  assertWhole({ reportFromMs, reportEveryMs, reportLifeMs }, 1);
  const counts = pressureQueues.some((each) => each === queue);
  const isTimeToTell = nowAndThen(reportEveryMs, now);

  return async (records, listen) => {
    if (!counts) return;
    const ageMs = Math.max(0, ...records.map((record) => waitedMs(record) ?? 0));
    if (ageMs < reportFromMs || !isTimeToTell()) return;
    const atMs = now();
    try {
      await store.write(ageReportWrite(table, { queue, ageMs, atMs }, { lifeMs: reportLifeMs }));
    } catch (error) {
      listen({
        pattern: 'pressure',
        happened: 'report-failed',
        subject: queue,
        severity: 'warning',
        facts: { error: error instanceof Error ? error.name : 'unknown', ageMs },
      });
    }
  };
}
