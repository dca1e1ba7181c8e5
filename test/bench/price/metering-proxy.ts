/** A listener between one function and its engine that counts what the function asks of AWS, in AWS's units. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** Calls by service: `dynamodb`, `sqs`, `lambda`, `secretsmanager`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly writeUnits: number;
  readonly readUnits: number;
}

export interface MeteringProxy {
  readonly endpoint: string;
  /** What was asked since the last time. */
  take(): Asked;
  stop(): Promise<void>;
}

const nothing = () => ({ calls: {} as Record<string, number>, writeUnits: 0, readUnits: 0 });

/** The service stands in the scope of the signature. */
const serviceOf = (authorization: string): string =>
  /Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//.exec(authorization)?.[1] ?? 'unknown';

const reading = /^(Get|BatchGet|TransactGet|Query|Scan)/;

export async function meteringProxy(engine: string): Promise<MeteringProxy> {
  let asked = nothing();

  function meter(operation: string, sent: string, answer: string): void {
    const output = JSON.parse(answer || '{}') as {
      readonly __type?: string;
      readonly ConsumedCapacity?: Units | readonly Units[];
    };
    for (const { CapacityUnits = 0 } of [output.ConsumedCapacity ?? []].flat() as Units[])
      asked[reading.test(operation) ? 'readUnits' : 'writeUnits'] += CapacityUnits;
    asked.writeUnits += billedAnyway(output.__type ?? '', sent);
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const service = serviceOf(String(request.headers.authorization));
    const sent = Buffer.concat(chunks).toString();
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const isPriced = service === 'dynamodb' && /Item|Query/.test(operation);
    asked.calls[service] = (asked.calls[service] ?? 0) + 1;
    const headers = Object.entries(request.headers)
      .filter(([name]) => !['host', 'connection', 'content-length'].includes(name))
      .map(([name, value]): [string, string] => [name, String(value)]);
    const answer = await fetch(`${engine}${request.url}`, {
      method: request.method ?? 'POST',
      headers,
      ...(request.method !== 'GET' && {
        body: isPriced
          ? JSON.stringify({ ...JSON.parse(sent), ReturnConsumedCapacity: 'TOTAL' })
          : sent,
      }),
    });
    const text = await answer.text();
    if (isPriced) meter(operation, sent, text);
    const type = answer.headers.get('content-type') ?? 'application/x-amz-json-1.0';
    response.writeHead(answer.status, { ...lambdaError(answer.headers), 'content-type': type });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = asked;
      asked = nothing();
      return taken;
    },
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

interface Units {
  readonly CapacityUnits?: number;
}

/** Says that an invoked function failed; without it a caller would take its error for an answer. */
function lambdaError(headers: Headers): Record<string, string> {
  const error = headers.get('x-amz-function-error');
  return error === null ? {} : { 'x-amz-function-error': error };
}

/** As `meter.ts` has it: what failed on a condition reports nothing, and is billed. */
function billedAnyway(error: string, sent: string): number {
  if (error.endsWith('ConditionalCheckFailedException')) return 1;
  if (!error.endsWith('TransactionCanceledException')) return 0;
  return (
    2 * (JSON.parse(sent) as { readonly TransactItems: readonly unknown[] }).TransactItems.length
  );
}
