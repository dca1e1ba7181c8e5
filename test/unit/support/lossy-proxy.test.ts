import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type LossyProxy,
  type LossyProxyOptions,
  lossyProxy,
} from '../../e2e/support/lossy-proxy.ts';
import { asDeployed, redirected } from '../../e2e/support/through-endpoint.ts';

const running: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

/** An engine that says what it was asked, and a proxy before it. */
async function world(options: Partial<LossyProxyOptions> = {}, status = 200) {
  const asked: string[] = [];
  const engine: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(body);
    response.writeHead(status, { 'x-amzn-requestid': 'r1' }).end(`did ${body}`);
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  running.push(() => new Promise((resolve) => engine.close(resolve)));
  const proxy: LossyProxy = await lossyProxy({
    engine: `http://127.0.0.1:${(engine.address() as AddressInfo).port}`,
    operations: ['PutItem', 'Invoke'],
    lostRatio: 1,
    ...options,
  });
  running.unshift(proxy.stop);
  const call = (target: string, path = '/', body = 'it') =>
    fetch(`${proxy.endpoint}${path}`, {
      method: 'POST',
      ...(target && { headers: { 'x-amz-target': target } }),
      body,
    });
  return { asked, proxy, call };
}

describe('a proxy that loses answers', () => {
  it('lets the engine do the work, and breaks the connection without a byte', async () => {
    const { asked, proxy, call } = await world();
    await expect(call('DynamoDB_20120810.PutItem')).rejects.toThrow(TypeError);
    expect(asked).toEqual(['it']);
    expect(proxy.lost.get('PutItem')).toEqual({ done: 1, refused: 0 });
  });

  it('passes on everything else, to the letter', async () => {
    const { asked, proxy, call } = await world();
    const answer = await call('DynamoDB_20120810.GetItem', '/', 'a read');
    expect([answer.status, await answer.text()]).toEqual([200, 'did a read']);
    expect(answer.headers.get('x-amzn-requestid')).toBe('r1');
    expect(asked).toEqual(['a read']);
    expect(proxy.lost.size).toBe(0);
  });

  it('knows the calls of Lambda, which name no target, by their path', async () => {
    const { proxy, call } = await world();
    const path = '/2015-03-31/functions/holdfast-local-simulated-email/invocations';
    await expect(call('', path)).rejects.toThrow(TypeError);
    expect(proxy.lost.get('Invoke')).toEqual({ done: 1, refused: 0 });
  });

  it('counts an answer that said no apart', async () => {
    const { proxy, call } = await world({}, 400);
    await expect(call('DynamoDB_20120810.PutItem')).rejects.toThrow(TypeError);
    expect(proxy.lost.get('PutItem')).toEqual({ done: 0, refused: 1 });
  });

  it('loses as many as its ratio says', async () => {
    const luck = [0.1, 0.3, 0.24, 0.25];
    const { call, proxy } = await world({ lostRatio: 0.25, random: () => luck.shift() ?? 1 });
    const answers = [];
    for (let i = 0; i < 4; i++)
      answers.push(
        await call('DynamoDB_20120810.PutItem').then(
          ({ status }) => status,
          () => 'lost',
        ),
      );
    expect(answers).toEqual(['lost', 200, 'lost', 200]);
    expect(proxy.lost.get('PutItem')?.done).toBe(2);
  });

  it.each([-0.1, 1.1, Number.NaN])('takes no ratio of %d', async (lostRatio) => {
    await expect(
      lossyProxy({ engine: 'http://127.0.0.1:9', operations: [], lostRatio }),
    ).rejects.toThrow('lostRatio must be from 0 to 1');
  });
});

describe('the environment of a function that calls AWS elsewhere', () => {
  it('has the new address in place of the old one, in queue URLs as well, and nothing else changed', () => {
    const variables = {
      STAGE: 'local',
      QUEUE_URLS_EMAIL_SEND: 'http://localhost:4566/000000000000/email',
      OTHER: 'http://127.0.0.1:45660/x',
    };
    expect(
      redirected(variables, { from: 'http://127.0.0.1:4566', to: 'http://127.0.0.1:7' }),
    ).toEqual({
      STAGE: 'local',
      QUEUE_URLS_EMAIL_SEND: 'http://127.0.0.1:7/000000000000/email',
      OTHER: 'http://127.0.0.1:45660/x',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:7',
    });
  });

  it('is as it was deployed again, also where nobody came to put it back', () => {
    const variables = { STAGE: 'local', QUEUE_URLS_EMAIL_SEND: 'http://127.0.0.1:4566/0/email' };
    const [from, to] = ['http://127.0.0.1:4566', 'http://127.0.0.1:7'];
    expect(asDeployed(redirected(variables, { from, to }), from)).toEqual(variables);
    expect(asDeployed(variables, from)).toEqual(variables);
  });
});
