/**
 * The environment of a function, both ends in one file: infra writes it with `toEnvironment`, the
 * handler reads it with `readEnv`, once, at cold start. What a function gets follows from its row in
 * functions/tables/functions.ts.
 */
import { type FunctionName, type FunctionRow, functions } from './tables/functions.ts';
import { metricsNamespace, type Stage, stageNames } from './tables/names.ts';
import type { QueueName } from './tables/queues.ts';
import type { SecretName } from './tables/secrets.ts';
import type { TableName } from './tables/tables.ts';

/** What infra knows of the deployed things. */
export interface Deployed {
  readonly stage: Stage;
  readonly tableName: (table: TableName) => string;
  readonly queueUrl: (queue: QueueName) => string;
  readonly deadLetterUrl: (queue: QueueName) => string;
  readonly secretId: (secret: SecretName) => string;
  readonly functionName: (name: FunctionName) => string;
  readonly numbers: StageNumbers;
}

/** The numbers that differ by stage and that functions need. */
export interface StageNumbers {
  /** Delays between attempts are multiplied by it: below 1 only where nobody waits for real. */
  readonly retryDelayRatio: number;
  /** An event is swept when it is older than this and in no ledger. Longer than the relay's lag. */
  readonly sweepAfterMs: number;
  /** How long a call waits for the store of its limits. */
  readonly limitsTimeoutMs: number;
  readonly tracing: boolean;
  /** Fault switches are read on every call (they exist only in bundles of such stages). */
  readonly faults: boolean;
}

type Row<F extends FunctionName> = (typeof functions)[F];
type KeysOf<R, K extends string> = R extends { readonly [P in K]: infer V }
  ? V extends readonly (infer Name)[]
    ? Name & string
    : keyof V & string
  : never;

type WorkedOn<R> = R extends { readonly trigger: { readonly queue: infer Q extends QueueName } }
  ? Q
  : never;

export interface Environment<F extends FunctionName> extends StageNumbers {
  readonly name: F;
  readonly stage: Stage;
  readonly tables: Readonly<Record<KeysOf<Row<F>, 'tables'>, string>>;
  /** Queues it sends to, those it watches, and the one it works on. */
  readonly queueUrls: Readonly<
    Record<KeysOf<Row<F>, 'sendsTo'> | KeysOf<Row<F>, 'watches'> | WorkedOn<Row<F>>, string>
  >;
  readonly deadLetterUrls: Readonly<Record<KeysOf<Row<F>, 'buries'>, string>>;
  /** Secrets that it reads or rotates. */
  readonly secretIds: Readonly<
    Record<KeysOf<Row<F>, 'secrets'> | KeysOf<Row<F>, 'rotates'>, string>
  >;
  readonly functionNames: Readonly<Record<KeysOf<Row<F>, 'invokes'>, string>>;
}

const groups = ['tables', 'queueUrls', 'deadLetterUrls', 'secretIds', 'functionNames'] as const;
type Group = (typeof groups)[number];

/** What a function addresses, by group: the one reading of its row that both ends share. */
function addressed(name: FunctionName): Readonly<Record<Group, readonly string[]>> {
  const row: FunctionRow = functions[name];
  const workedOn = row.trigger.by === 'queue' ? [row.trigger.queue] : [];
  return {
    tables: Object.keys(row.tables ?? {}),
    queueUrls: [...new Set([...(row.sendsTo ?? []), ...(row.watches ?? []), ...workedOn])],
    deadLetterUrls: row.buries ?? [],
    secretIds: [...(row.secrets ?? []), ...(row.rotates ?? [])],
    functionNames: row.invokes ?? [],
  };
}

/** `('queueUrls', 'order:process')` is `QUEUE_URLS_ORDER_PROCESS`. */
const variable = (group: Group, name: string): string =>
  `${group.replace(/[A-Z]/g, '_$&')}_${name}`.toUpperCase().replace(/[^A-Z]/g, '_');

export function toEnvironment(name: FunctionName, deployed: Deployed): Record<string, string> {
  const value: Readonly<Record<Group, (of: never) => string>> = {
    tables: deployed.tableName,
    queueUrls: deployed.queueUrl,
    deadLetterUrls: deployed.deadLetterUrl,
    secretIds: deployed.secretId,
    functionNames: deployed.functionName,
  };
  const addresses = addressed(name);
  const { numbers, stage } = deployed;
  return {
    HOLDFAST_FUNCTION: name,
    STAGE: stage,
    RETRY_DELAY_RATIO: String(numbers.retryDelayRatio),
    SWEEP_AFTER_MS: String(numbers.sweepAfterMs),
    LIMITS_TIMEOUT_MS: String(numbers.limitsTimeoutMs),
    TRACING: numbers.tracing ? 'on' : 'off',
    FAULTS: numbers.faults ? 'on' : 'off',
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(stage),
    POWERTOOLS_TRACE_ENABLED: String(numbers.tracing),
    ...Object.fromEntries(
      groups.flatMap((group) =>
        addresses[group].map((of) => [variable(group, of), value[group](of as never)]),
      ),
    ),
  };
}

/** @throws RangeError that names every variable that is missing or malformed, all at once. */
export function readEnv<F extends FunctionName>(
  name: F,
  env: Readonly<Record<string, string | undefined>>,
): Environment<F> {
  const wrong: string[] = [];
  const text = (key: string, accepted = /./): string => {
    const value = env[key];
    if (value === undefined || !accepted.test(value))
      wrong.push(`${key} is ${value === undefined ? 'missing' : `'${value}'`}`);
    return value ?? '';
  };
  const addresses = addressed(name);
  const group = (of: Group) =>
    Object.fromEntries(addresses[of].map((key) => [key, text(variable(of, key))]));

  const environment = {
    name,
    stage: text('STAGE', new RegExp(`^(${stageNames.join('|')})$`)),
    retryDelayRatio: Number(text('RETRY_DELAY_RATIO', /^\d+(\.\d+)?$/)),
    sweepAfterMs: Number(text('SWEEP_AFTER_MS', /^[1-9]\d*$/)),
    limitsTimeoutMs: Number(text('LIMITS_TIMEOUT_MS', /^[1-9]\d*$/)),
    tracing: text('TRACING', /^(on|off)$/) === 'on',
    faults: text('FAULTS', /^(on|off)$/) === 'on',
    ...Object.fromEntries(groups.map((of) => [of, group(of)])),
  };
  if (env['POWERTOOLS_IDEMPOTENCY_DISABLED'])
    wrong.push('POWERTOOLS_IDEMPOTENCY_DISABLED is set, which would let every write happen twice');
  if (wrong.length > 0) throw new RangeError(`environment of ${name}: ${wrong.join('; ')}`);
  return environment as unknown as Environment<F>;
}
