/** What a function behind the gateway is told, and what becomes of what it answers. */
import { request } from 'node:http';
import { createApi } from '../../lab/api.ts';
import type { Lab } from '../../lab.ts';
import type { Probe } from '../../probe.ts';
import { call, expectStatus } from '../calls.ts';

const answering = (body: string) => `
export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(${body}) });
`;

interface Behaviour {
  readonly code: string;
  readonly timeoutMs?: number;
  readonly method?: Readonly<{ apiKeyRequired: boolean }>;
}

/** A GET answered by a function. @returns the API, and the address of the method. */
async function functionApi(lab: Lab, { code, timeoutMs }: Behaviour): Promise<string> {
  const behind = await lab.deployFunction({ code, hint: 'behind' });
  const api = await createApi(lab);
  await api.addMethod({
    path: '/called',
    behind: { function: behind, ...(timeoutMs !== undefined && { timeoutMs }) },
  });
  return `${await api.deploy()}/called`;
}

/** As `fetch` cannot: it sends every header name in small letters. */
function getWithHeader(url: string, name: string, value: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { [name]: value }, timeout: 20_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.once('end', () => resolve(body));
      response.once('error', reject);
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer of ${url} in time`)));
    sent.once('error', reject);
    sent.end();
  });
}

const headerCase: Probe = async (lab) => {
  const url = await functionApi(lab, { code: answering('Object.keys(event.headers)') });
  const names = JSON.parse(await getWithHeader(url, 'X-Probe-Case', '1')) as readonly string[];
  const arrived = names.find((name) => name.toLowerCase() === 'x-probe-case');
  if (arrived === undefined) throw new Error(`the header did not arrive: ${names.join(', ')}`);
  return { does: arrived === 'X-Probe-Case', saw: `X-Probe-Case arrives as ${arrived}` };
};

const sourceIp: Probe = async (lab) => {
  const url = await functionApi(lab, { code: answering('event.requestContext.identity') });
  const forged = '203.0.113.9';
  const { body } = await expectStatus(200, url, { headers: { 'x-forwarded-for': forged } });
  const { sourceIp: seen } = JSON.parse(body) as { sourceIp?: string };
  return {
    does: seen !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(seen),
    saw: `called from the loopback as ${forged}, sourceIp is ${seen ?? 'absent'}`,
  };
};

const integrationTimeout: Probe = async (lab) => {
  const code = `
export const handler = async (event) => {
  if (event.queryStringParameters?.slow) await new Promise((resolve) => setTimeout(resolve, 3_000));
  return { statusCode: 200, body: 'late' };
};`;
  const url = await functionApi(lab, { code, timeoutMs: 1_000 });
  await lab.must('the function answers', async () => (await call(url)).status === 200, {
    withinMs: 20_000,
  });
  const startedAtMs = performance.now();
  const { status } = await call(`${url}?slow=1`);
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  return {
    does: status === 504,
    saw: `3 s behind a timeout of 1 s: ${status} after ${seconds} s`,
  };
};

const malformedResult: Probe = async (lab) => {
  const code = `
export const handler = async (event) =>
  event.queryStringParameters?.malformed ? 'no answer' : { statusCode: 200, body: 'fine' };`;
  const url = await functionApi(lab, { code });
  await expectStatus(200, url);
  const { status } = await call(`${url}?malformed=1`);
  return { does: status === 502, saw: `a bare string is answered with ${status}` };
};

const functionFault: Probe = async (lab) => {
  const code = `
export const handler = async (event) => {
  if (event.queryStringParameters?.fails) throw new Error('on purpose');
  return { statusCode: 200, body: 'fine' };
};`;
  const url = await functionApi(lab, { code });
  await expectStatus(200, url);
  const { status, body } = await call(`${url}?fails=1`);
  const tells = body.includes('on purpose');
  return {
    does: status === 502 && !tells,
    saw: `${status}, ${tells ? 'with' : 'without'} the error’s message`,
  };
};

export const functionProbes = {
  'header-case': headerCase,
  'source-ip': sourceIp,
  'integration-timeout': integrationTimeout,
  'malformed-result': malformedResult,
  'function-fault': functionFault,
};
