/**
 * What AWS does, and which engine does it too. Probes measure each row (`npm run probe`), a test
 * fails where the table says otherwise than they find, end-to-end tests are left out by the name of
 * a row, and docs/engines.md is made from it: what a green run on an engine does not prove.
 */
import type { ProbedEngine } from '../engines/names.ts';

export interface CapabilityRow {
  readonly area:
    | 'gateway'
    | 'functions'
    | 'queues'
    | 'streams'
    | 'tables'
    | 'secrets'
    | 'signals'
    | 'account';
  /** What AWS does, in one sentence. */
  readonly means: string;
  /** The engines that do it. An engine that takes a setting without effect does not. */
  readonly on: readonly ProbedEngine[];
  /** What else there is to know of an engine here. */
  readonly notes?: Readonly<Partial<Record<ProbedEngine, string>>>;
  /** So many end-to-end tests need it, and are left out where it is missing. */
  readonly neededBy?: number;
}

const both = ['ministack', 'localstack'] as const;

export const capabilities = {
  'api-key': {
    area: 'gateway',
    means: 'A call without an API key of a plan is refused with 403.',
    on: both,
  },
  'api-key-disabled': {
    area: 'gateway',
    means: 'A disabled API key is refused.',
    on: ['localstack'],
  },
  'plan-rate': {
    area: 'gateway',
    means: 'A usage plan lets in its rate, once its burst is spent, and refuses the rest with 429.',
    on: ['ministack'],
    neededBy: 1,
  },
  'plan-burst': {
    area: 'gateway',
    means: 'A usage plan lets in its burst at once, and no more.',
    on: ['ministack'],
  },
  'plan-quota': {
    area: 'gateway',
    means: 'A usage plan refuses calls above its quota with 429.',
    on: ['ministack'],
  },
  'plan-usage': { area: 'gateway', means: 'GetUsage counts the calls of an API key.', on: [] },
  'stage-throttle': {
    area: 'gateway',
    means: 'A stage refuses calls above its own rate, which UpdateStage sets.',
    on: ['ministack'],
    neededBy: 1,
  },
  'method-throttle': {
    area: 'gateway',
    means: 'The throttle of a single method, which UpdateStage sets, holds.',
    on: ['ministack'],
  },
  'stage-throttle-deployed': {
    area: 'gateway',
    means: 'The throttle of a single method, set by CloudFormation, holds.',
    on: [],
  },
  'request-validator': {
    area: 'gateway',
    means:
      'A body that does not fit the model of its method is refused with 400 before a function runs.',
    on: both,
  },
  'request-validator-deployed': {
    area: 'gateway',
    means: 'A request validator set by CloudFormation holds.',
    on: ['localstack'],
  },
  'gateway-response': {
    area: 'gateway',
    means:
      'Answers of the gateway itself have the status, headers and body that a gateway response gives them.',
    on: ['ministack'],
    neededBy: 3,
  },
  'gateway-response-media-type': {
    area: 'gateway',
    means: 'A gateway response picks its template by what the caller accepts.',
    on: [],
  },
  'cors-preflight': {
    area: 'gateway',
    means: 'OPTIONS on a path with a mock integration is answered with the CORS headers it names.',
    on: both,
  },
  'unknown-route': {
    area: 'gateway',
    means: 'A path or a method that is not there is answered with 403.',
    on: both,
  },
  'request-authorizer': {
    area: 'gateway',
    means: 'A function of type REQUEST decides who is let in.',
    on: ['ministack'],
  },
  'authorizer-identity-source': {
    area: 'gateway',
    means: 'A call without what the authorizer looks at is refused with 401.',
    on: [],
  },
  'request-authorizer-deployed': {
    area: 'gateway',
    means: 'A request authorizer set by CloudFormation decides.',
    on: ['ministack'],
  },
  'header-case': {
    area: 'gateway',
    means: 'Header names reach the function in the case they were sent in.',
    on: ['localstack'],
  },
  'identity-api-key': {
    area: 'gateway',
    means: 'The event says which API key was used (`requestContext.identity.apiKey`).',
    on: ['localstack'],
  },
  'source-ip': {
    area: 'gateway',
    means: 'The event’s `sourceIp` is the peer’s address, whatever X-Forwarded-For says.',
    on: ['localstack'],
  },
  'integration-timeout': {
    area: 'gateway',
    means: 'A function slower than the integration’s timeout is answered with 504.',
    on: [],
  },
  'payload-limit': { area: 'gateway', means: 'A body above 10 MB is refused with 413.', on: [] },
  'malformed-result': {
    area: 'gateway',
    means: 'What is no answer of a proxy integration is answered with 502.',
    on: ['localstack'],
  },
  'function-fault': {
    area: 'gateway',
    means:
      'A function that throws is answered with 502, and the caller learns nothing of the error.',
    on: ['localstack'],
  },

  'reserved-concurrency': {
    area: 'functions',
    means: 'A function with no concurrency left refuses calls with 429.',
    on: both,
  },
  'reserved-concurrency-deployed': {
    area: 'functions',
    means: 'Reserved concurrency set by CloudFormation holds.',
    on: [],
  },
  'function-timeout': {
    area: 'functions',
    means: 'A call that takes longer than the function’s timeout is ended with an error.',
    on: both,
  },
  'remaining-time': {
    area: 'functions',
    means: '`getRemainingTimeInMillis` counts down to the function’s timeout.',
    on: both,
  },
  'function-crash': {
    area: 'functions',
    means: 'A process that exits fails its call alone; the next one gets a new environment.',
    on: both,
  },
  'function-error-type': {
    area: 'functions',
    means: 'The error of a crash is Runtime.ExitError, and of a timeout Sandbox.Timedout.',
    on: ['localstack'],
    notes: { ministack: 'A crash is a Runtime.HandlerError.' },
  },
  'unhandled-rejection': {
    area: 'functions',
    means: 'A rejection that nobody handles ends its call with an error.',
    on: both,
  },
  'frozen-between-calls': {
    area: 'functions',
    means: 'Between two calls an environment stands still: no timer runs.',
    on: ['localstack'],
  },
  'recursive-loop': {
    area: 'functions',
    means: 'A function that feeds its own queue is stopped after some 16 rounds.',
    on: [],
  },
  'async-retries': {
    area: 'functions',
    means: 'An event whose call fails is tried so often as its configuration says.',
    on: both,
  },
  'async-on-failure': {
    area: 'functions',
    means: 'An event that failed for good goes to the OnFailure destination.',
    on: both,
  },
  'async-on-success': {
    area: 'functions',
    means: 'The answer to an event goes to the OnSuccess destination.',
    on: ['localstack'],
  },

  'queue-delay': {
    area: 'queues',
    means: 'A message with a delay is not received before it is over.',
    on: both,
  },
  'queue-visibility': {
    area: 'queues',
    means: 'A worker says when a message that it reports as not done comes again.',
    on: both,
  },
  'queue-counts': {
    area: 'queues',
    means: 'A queue counts its messages that wait, that are worked on and that are delayed.',
    on: both,
  },
  'message-limit': {
    area: 'queues',
    means: 'A message above 1 MiB is refused.',
    on: both,
  },
  'queue-partial-batch': {
    area: 'queues',
    means: 'Of a batch only the reported messages come again.',
    on: both,
  },
  'queue-parallel-batches': {
    area: 'queues',
    means: 'Several batches of one queue are worked on at once.',
    on: ['ministack'],
    notes: { localstack: 'One batch after the other.' },
  },
  'queue-max-concurrency': {
    area: 'queues',
    means:
      'A mapping works on as many batches at once as its maximum concurrency allows, and no more.',
    on: ['ministack'],
  },
  'queue-body': {
    area: 'queues',
    means: 'The body of a message reaches its function to the letter.',
    on: ['ministack'],
    notes: {
      localstack: 'JSON is read and written anew: spaces, doubled names and long numbers change.',
    },
    neededBy: 1,
  },
  redrive: {
    area: 'queues',
    means: 'A message received too often goes to the dead-letter queue.',
    on: both,
  },
  'redrive-deployed': {
    area: 'queues',
    means: 'A redrive policy set by CloudFormation holds.',
    on: both,
  },
  'move-task': {
    area: 'queues',
    means: 'StartMessageMoveTask puts letters back into their queue.',
    on: ['localstack'],
  },
  'dead-letter-sources': {
    area: 'queues',
    means: 'ListDeadLetterSourceQueues names the queues of a dead-letter queue.',
    on: ['localstack'],
  },

  'stream-partial-batch': {
    area: 'streams',
    means: 'A batch comes again from the first reported record on.',
    on: ['localstack'],
    neededBy: 1,
    notes: { ministack: 'The reported records are lost.' },
  },
  'stream-retries': {
    area: 'streams',
    means: 'A failing batch is tried so often as its mapping says, and then passed over.',
    on: ['localstack'],
    notes: { ministack: 'A batch that fails comes again for ever, unless its age ends it.' },
  },
  'stream-on-failure': {
    area: 'streams',
    means: 'What a mapping gave up after its retries goes to the OnFailure destination.',
    on: ['localstack'],
    neededBy: 1,
  },
  'stream-record-age': {
    area: 'streams',
    means: 'Records older than the mapping allows go to the OnFailure destination.',
    on: ['ministack'],
    notes: { localstack: 'A record has no age: only the number of tries ends it.' },
  },
  'stream-bisect': {
    area: 'streams',
    means: 'A failing batch is halved until the failing record is alone.',
    on: [],
  },
  'stream-filter': {
    area: 'streams',
    means: 'Records that match no filter of a mapping start no function.',
    on: both,
  },
  'stream-parallel-mappings': {
    area: 'streams',
    means: 'A slow function on one stream does not hold up that of another.',
    on: ['localstack'],
  },

  'condition-all-old': {
    area: 'tables',
    means: 'A failed condition returns the item that failed it.',
    on: both,
  },
  'transaction-atomic': {
    area: 'tables',
    means: 'A transaction is written whole or not at all, and says which part failed.',
    on: both,
  },
  'transaction-conflict': {
    area: 'tables',
    means: 'Two transactions on one item at once: one is cancelled with TransactionConflict.',
    on: [],
  },
  'client-request-token': {
    area: 'tables',
    means:
      'The same transaction under the same ClientRequestToken is written once; another is refused.',
    on: both,
  },
  'capacity-throttling': {
    area: 'tables',
    means: 'A table with provisioned capacity refuses what is above it.',
    on: [],
  },
  'item-size': { area: 'tables', means: 'An item above 400 KB is refused.', on: both },
  'transaction-size': {
    area: 'tables',
    means: 'A transaction of more than 100 parts is refused.',
    on: both,
  },
  'ttl-deletes': {
    area: 'tables',
    means: 'Items whose time has come are deleted by themselves.',
    on: ['ministack'],
    notes: { localstack: 'Only when asked: DELETE /_aws/dynamodb/expired.' },
  },
  'ttl-stream-record': {
    area: 'tables',
    means: 'What TTL deletes leaves a REMOVE in the stream.',
    on: ['localstack'],
    notes: { localstack: 'Without the userIdentity that tells it from other removals.' },
  },
  'ttl-stream-identity': {
    area: 'tables',
    means:
      'The REMOVE of TTL says who removed (`userIdentity`), which tells it from other removals.',
    on: [],
  },
  'ttl-deployed': { area: 'tables', means: 'TTL set by CloudFormation is on.', on: ['localstack'] },
  'point-in-time-recovery-deployed': {
    area: 'tables',
    means: 'Point-in-time recovery set by CloudFormation is on.',
    on: [],
  },

  'secret-versions': {
    area: 'secrets',
    means: 'A new value makes the one before AWSPREVIOUS.',
    on: both,
  },
  rotation: {
    area: 'secrets',
    means: 'RotateSecret calls the rotation function for each of its four steps.',
    on: ['localstack'],
    neededBy: 3,
  },
  'rotation-deployed': {
    area: 'secrets',
    means: 'A rotation schedule set by CloudFormation is on.',
    on: [],
  },

  alarm: {
    area: 'signals',
    means: 'An alarm on a metric sounds when its data breach it.',
    on: ['localstack'],
    notes: { ministack: 'Dimensions are ignored: it sounds for the data of others.' },
  },
  'alarm-topic': {
    area: 'signals',
    means: 'An alarm that sounds tells its topic.',
    on: both,
  },
  'alarm-math': { area: 'signals', means: 'An alarm on metric math sounds.', on: [] },
  'alarm-composite': {
    area: 'signals',
    means: 'A composite alarm follows its parts.',
    on: ['ministack'],
    notes: { ministack: 'By PutCompositeAlarm: a template with one is refused.' },
  },
  'emf-metrics': {
    area: 'signals',
    means: 'A log line in the embedded metric format becomes a metric.',
    on: [],
  },
  'metric-filter': {
    area: 'signals',
    means: 'A metric filter counts matching log lines.',
    on: [],
    notes: { localstack: 'Every line of every log group counts, matching or not.' },
  },
  'function-metrics': {
    area: 'signals',
    means: 'Invocations of a function by a queue are counted in AWS/Lambda.',
    on: ['localstack'],
  },
  'queue-metrics': {
    area: 'signals',
    means: 'The messages that wait in a queue are counted in AWS/SQS.',
    on: ['localstack'],
  },
  'queue-age-metric': {
    area: 'signals',
    means: 'The age of the oldest message in a queue is measured in AWS/SQS.',
    on: [],
  },
  'metric-percentiles': {
    area: 'signals',
    means: 'Percentiles of a metric are those of its values.',
    on: ['ministack'],
  },
  'log-streams': {
    area: 'signals',
    means: 'An environment writes one log stream, each call between START and REPORT.',
    on: ['localstack'],
    notes: { ministack: 'A new stream for each call.' },
  },
  'log-pattern': {
    area: 'signals',
    means: 'FilterLogEvents returns only lines that match its pattern.',
    on: ['ministack'],
    notes: { localstack: 'The pattern is ignored: every line comes back.' },
  },
  'log-paging': {
    area: 'signals',
    means: 'FilterLogEvents returns the lines of all streams page by page, each once.',
    on: ['localstack'],
    notes: { ministack: 'The first page comes without a token for the next.' },
  },
  'log-insights': {
    area: 'signals',
    means: 'A Logs Insights query filters and counts lines.',
    on: [],
  },
  schedule: {
    area: 'signals',
    means: 'An EventBridge rule with a rate starts its function.',
    on: both,
  },

  'role-permissions': {
    area: 'account',
    means: 'A function may do only what its role allows.',
    on: [],
  },
  'unknown-resource-type': {
    area: 'account',
    means: 'CloudFormation refuses a type of resource that it cannot make.',
    on: ['ministack'],
  },
  'stack-update': {
    area: 'account',
    means: 'A changed template changes what was deployed.',
    on: both,
  },
  'custom-resource': {
    area: 'account',
    means: 'The function of a custom resource is called when its stack is deployed.',
    on: ['ministack'],
  },
  load: {
    area: 'account',
    means:
      'Calls pass so fast that a load test measures the service: one takes no longer than 25 bare HTTP calls.',
    on: ['ministack'],
    neededBy: 30,
  },
} as const satisfies Record<string, CapabilityRow>;

export type Capability = keyof typeof capabilities;

export type CapabilityOf<Area extends CapabilityRow['area']> = {
  [Id in Capability]: (typeof capabilities)[Id]['area'] extends Area ? Id : never;
}[Capability];
