/**
 * Stands between an AWS client and its engine, and loses answers: the call is carried out, the engine
 * answers, and the client's connection breaks without a byte of it.
 */
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LossyProxyOptions {
  /** Base address of the engine: `http://127.0.0.1:<port>`. */
  readonly engine: string;
  /** Operations whose answers may be lost: `TransactWriteItems`, `SendMessageBatch`, `Invoke`. */
  readonly operations: readonly string[];
  /** Share of their answers that are lost, 0..1. */
  readonly lostRatio: number;
  readonly random?: () => number;
}

export interface LossyProxy {
  readonly endpoint: string;
  /** Answers lost so far, by operation: those that said it was done, and those that said no. */
  readonly lost: ReadonlyMap<string, { readonly done: number; readonly refused: number }>;
  stop(): Promise<void>;
}

/** @throws RangeError for a ratio that is none. */
export async function lossyProxy({
  engine,
  operations,
  lostRatio,
  random = Math.random,
}: LossyProxyOptions): Promise<LossyProxy> {
  if (!(lostRatio >= 0 && lostRatio <= 1))
    throw new RangeError(`lostRatio must be from 0 to 1, got ${lostRatio}`);
  const { hostname, port } = new URL(engine);
  const agent = new Agent({ keepAlive: true });
  const lossy = new Set(operations);
  const lost = new Map<string, { done: number; refused: number }>();

  function count(operation: string, status: number): void {
    const so = lost.get(operation) ?? { done: 0, refused: 0 };
    lost.set(
      operation,
      status < 300 ? { ...so, done: so.done + 1 } : { ...so, refused: so.refused + 1 },
    );
  }

  const server = createServer((incoming, outgoing) => {
    const operation = operationOf(incoming);
    const loses = lossy.has(operation) && random() < lostRatio;
    const onward = httpRequest({
      hostname,
      port,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: `${hostname}:${port}` },
    });
    onward.on('response', (answer) => {
      if (loses) {
        // Only when the engine has said all of it is the call over.
        answer.resume().on('end', () => {
          count(operation, answer.statusCode ?? 0);
          incoming.socket.destroy();
        });
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

/** Of the JSON protocols, `DynamoDB_20120810.PutItem`; of Lambda's paths the one that we call. */
function operationOf({ headers, url = '' }: IncomingMessage): string {
  const target = String(headers['x-amz-target'] ?? '');
  if (target) return target.slice(target.lastIndexOf('.') + 1);
  return /\/functions\/[^/]+\/invocations/.test(url) ? 'Invoke' : '';
}
