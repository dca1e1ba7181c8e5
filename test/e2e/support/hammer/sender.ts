/** Sends an action as a good client does: what may pass is sent again under the same key. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { inject } from 'vitest';
import { resourceName } from '#functions/tables/names.ts';
import { type Bearer, signToken } from '#shared/auth/token.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import { tenantHeader } from '#shared/http/authenticate.ts';
import { secretsManagerSource } from '#shared/secrets/secretsmanager-source.ts';
import { newTrace, type Trace, toTraceparent } from '#shared/telemetry/trace.ts';
import { stage } from '../stage.ts';
import { type Action, methodOf, nameOf, pathOf } from './action.ts';
import { type Answer, saysLater, slugOf } from './told.ts';

const giveUpAfterMs = 120_000;

export interface Sent {
  readonly answer: Answer;
  /** Answers before it that said to come back. */
  readonly turnedAway: readonly Answer[];
  readonly traceIds: readonly string[];
}

export interface Sender {
  send(action: Action): Promise<Sent>;
  /** Requests that went out. */
  readonly sends: () => number;
  /** Answers that said to come back, by problem, or by status where none is named. */
  readonly putOff: ReadonlyMap<string, number>;
}

/** The hammered tenants have no API key of their own: it opens the gateway and proves nothing. */
export function sender({ apiKey = inject('apiKeys')['load'] ?? '' } = {}): Sender {
  const tokens = new Map<string, Promise<string>>();
  const putOff = new Map<string, number>();
  let sends = 0;

  /** Of some hundred callers: the secret is read once. */
  const secret = secretsManagerSource({
    client: new SecretsManagerClient(clientOptions(patience)),
    secretId: resourceName(stage, 'token-signing'),
  }).read();

  function tokenOf(caller: Bearer): Promise<string> {
    const name = `${caller.tenant}/${caller.user}/${caller.role}`;
    const token =
      tokens.get(name) ??
      secret.then(({ current }) => signToken(caller, { key: current, expiresInMs: 3_600_000 }));
    tokens.set(name, token);
    return token;
  }

  async function once(action: Action, trace: Trace): Promise<Answer> {
    const { caller, key, ifMatch, naming, body } = action;
    const headers = {
      authorization: `Bearer ${await tokenOf(caller)}`,
      'x-api-key': apiKey,
      traceparent: toTraceparent(trace),
      'idempotency-key': `"${key}"`,
      ...(body && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(naming !== undefined && { [tenantHeader]: naming }),
    };
    sends += 1;
    const sentAtMs = performance.now();
    const response = await fetch(`${inject('apiUrl')}${pathOf(action)}`, {
      method: methodOf(action),
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: toBody(text),
      etag: response.headers.get('etag'),
      location: response.headers.get('location'),
      replayed: response.headers.get('idempotency-replayed') === 'true',
      sentAtMs,
      heardAtMs: performance.now(),
      traceId: trace.traceId,
    };
  }

  return {
    putOff,
    sends: () => sends,
    async send(action) {
      const traceIds: string[] = [];
      const turnedAway: Answer[] = [];
      const untilMs = performance.now() + giveUpAfterMs;
      for (let tries = 1; ; tries++) {
        const trace = newTrace();
        traceIds.push(trace.traceId);
        const answer = await once(action, trace).catch((error: unknown) => {
          if (error instanceof TypeError) return undefined; // fetch's word for a broken connection
          throw error;
        });
        if (answer && !saysLater(answer)) return { answer, turnedAway, traceIds };
        if (answer) turnedAway.push(answer);
        const why = answer ? (slugOf(answer) ?? String(answer.status)) : 'connection broken';
        putOff.set(why, (putOff.get(why) ?? 0) + 1);
        if (performance.now() > untilMs)
          throw new Error(`${nameOf(action)} was put off ${tries} times, last with ${why}`);
        await sleep(Math.random() * Math.min(50 * 2 ** tries, 1_000));
      }
    },
  };
}

function toBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
