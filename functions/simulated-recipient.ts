/** The Lambda handler of a simulated recipient: invoked with a request, it answers as over HTTP. */
import { type DynamoStore, dynamoStore } from '#shared/state/dynamodb-store.ts';
import { childOf, newTrace, readTraceparent } from '#shared/telemetry/trace.ts';
import type { Environment } from './env.ts';
import type { FunctionName } from './tables/functions.ts';
import { telemetry } from './telemetry.ts';
import { traced } from './traced.ts';

interface Asked {
  readonly key?: string;
  readonly traceparent?: string;
}

interface Answered {
  readonly status: number;
  readonly repeated?: boolean;
}

/** `what` is the word for it in the log: `mail`. */
export function simulatedRecipient<Answer extends Answered>(
  environment: Pick<Environment<FunctionName>, 'name' | 'tracing'> & {
    readonly tables: Readonly<Record<string, string>>;
  },
  what: string,
  simulate: (request: unknown, around: { readonly store: DynamoStore }) => Promise<Answer>,
) {
  const signals = telemetry(environment);
  const store = dynamoStore({ tables: environment.tables });

  async function answer(asked: Asked): Promise<Answer> {
    const { key } = asked;
    const caller = readTraceparent(asked.traceparent);
    const { logger } = signals.scope({ trace: caller ? childOf(caller) : newTrace() });
    logger.info(`${what} asked for`, { key });
    const given = await simulate(asked, { store });
    logger.info(`${what} answered ${given.status}`, { key, repeated: given.repeated });
    return given;
  }
  return traced(environment, answer);
}
