/**
 * What AWS asks for what a stage uses, in US dollars, in us-east-1. Prices change, and other regions
 * have others: each row names the page that has the word.
 */
export interface PriceRow {
  readonly usd: number;
  /** The price is of so many. */
  readonly each: number;
  /** What is counted, in the plural where there may be several. */
  readonly unit: string;
  /** So many a month cost nothing, in every account and for good. */
  readonly free?: number;
  readonly page: string;
}

/** When the rows were put down, as those pages are quoted; nobody has paid by them since. */
export const pricesOf = '2026-11-21';

const million = 1_000_000;
const pageOf = (service: string): string => `https://aws.amazon.com/${service}/pricing/`;
const [cloudwatch, dynamodb, lambda] = ['cloudwatch', 'dynamodb', 'lambda'].map(pageOf) as [
  string,
  string,
  string,
];

// biome-ignore format: a table, one price a row
export const prices = {
  alarm:         { usd: 0.1,    each: 1,       unit: 'metrics with an alarm', free: 10, page: cloudwatch },
  dashboard:     { usd: 3,      each: 1,       unit: 'dashboards of more than 50 metrics', page: cloudwatch },
  metric:        { usd: 0.3,    each: 1,       unit: 'metrics of our own', free: 10, page: cloudwatch },
  logsTaken:     { usd: 0.5,    each: 1,       unit: 'GB of logs', free: 5, page: cloudwatch },
  logsKept:      { usd: 0.03,   each: 1,       unit: 'GB of logs, kept a month', page: cloudwatch },
  trace:         { usd: 5,      each: million, unit: 'traces', free: 100_000, page: pageOf('xray') },
  secret:        { usd: 0.4,    each: 1,       unit: 'secrets', page: pageOf('secrets-manager') },
  apiCall:       { usd: 3.5,    each: million, unit: 'calls of the API', page: pageOf('api-gateway') },
  invocation:    { usd: 0.2,    each: million, unit: 'invocations', free: million, page: lambda },
  gbSecond:      { usd: 13.3334, each: million, unit: 'GB-seconds (arm64)', free: 400_000, page: lambda },
  writeUnit:     { usd: 0.625,  each: million, unit: 'write units', page: dynamodb },
  readUnit:      { usd: 0.125,  each: million, unit: 'read units', page: dynamodb },
  tableStorage:  { usd: 0.25,   each: 1,       unit: 'GB in tables', free: 25, page: dynamodb },
  recovery:      { usd: 0.2,    each: 1,       unit: 'GB under point-in-time recovery', page: dynamodb },
  queueCall:     { usd: 0.4,    each: million, unit: 'calls of queues', free: million, page: pageOf('sqs') },
  keyCall:       { usd: 0.03,   each: 10_000,  unit: 'uses of the key of DynamoDB', free: 20_000, page: pageOf('kms') },
  transferOut:   { usd: 0.09,   each: 1,       unit: 'GB of answers', free: 100, page: 'https://aws.amazon.com/ec2/pricing/on-demand/' },
  webAcl:        { usd: 5,      each: 1,       unit: 'web ACLs', page: pageOf('waf') },
  webRule:       { usd: 1,      each: 1,       unit: 'rules in them', page: pageOf('waf') },
  webCall:       { usd: 0.6,    each: million, unit: 'calls that WAF looks at', page: pageOf('waf') },
} as const satisfies Record<string, PriceRow>;

export type PriceName = keyof typeof prices;

export interface CostLine {
  readonly price: PriceName;
  readonly count: number;
  /** Where the count comes from. */
  readonly because: string;
}

/** @param free whether what costs nothing in every account is taken off. */
export function usdOf({ price, count }: CostLine, free = false): number {
  const row: PriceRow = prices[price];
  const billed = free ? Math.max(0, count - (row.free ?? 0)) : count;
  return (billed * row.usd) / row.each;
}

export interface Cost {
  readonly lines: readonly CostLine[];
  readonly totalUsd: number;
  readonly totalUsdBeyondFree: number;
}

export const costOf = (lines: readonly CostLine[]): Cost => ({
  lines,
  totalUsd: lines.reduce((sum, line) => sum + usdOf(line), 0),
  totalUsdBeyondFree: lines.reduce((sum, line) => sum + usdOf(line, true), 0),
});
