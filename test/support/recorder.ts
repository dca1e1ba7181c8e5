/** A listener between an AWS client and its engine that keeps what was sent, to the letter. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sent {
  /** `TransactWriteItems`, from `DynamoDB_20120810.TransactWriteItems`. */
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

export interface Recorder {
  readonly endpoint: string;
  readonly sent: Sent[];
  /** The next call is answered with a 500 and goes no further. */
  failOnce(): void;
  stop(): Promise<void>;
}

export async function recorder(engine: string): Promise<Recorder> {
  const sent: Sent[] = [];
  let failing = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    sent.push({ operation, input: JSON.parse(body.toString() || '{}') });
    if (failing) {
      failing = false;
      response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
      response.end('{"__type":"InternalServerError"}');
      return;
    }
    const headers = Object.entries(request.headers)
      .filter(([name]) => !['host', 'connection', 'content-length'].includes(name))
      .map(([name, value]): [string, string] => [name, String(value)]);
    const answer = await fetch(engine, { method: request.method ?? 'POST', headers, body });
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/x-amz-json-1.0',
    });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    failOnce() {
      failing = true;
    },
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
