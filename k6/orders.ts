/**
 * Does the service hold its objectives while orders arrive at a given rate, however long it takes?
 * And is every order still accepted once, whoever asks twice, and confirmed?
 *
 * Environment: API_URL, API_KEY, TOKEN (a user of that key's tenant), RATE (orders a second), SECONDS.
 */
import { check, fail, sleep } from 'k6';
import exec from 'k6/execution';
import http, { type Params, type RefinedResponse } from 'k6/http';
import { Counter, Rate, Trend } from 'k6/metrics';
import type { Options } from 'k6/options';

type Thresholds = Readonly<Record<string, Record<string, string[]>>>;

const objectives: Thresholds = JSON.parse(open('./generated/thresholds.json'));

const rate = Number(__ENV['RATE'] ?? 10);
const seconds = Number(__ENV['SECONDS'] ?? 20);

/** As many calls at once as the local engine has environments for; on AWS it is a modest load. */
const maxInFlight = 24;

const ordersPlaced = new Counter('orders_placed');
const ordersConfirmed = new Rate('orders_confirmed');
const replaysAlike = new Rate('replays_alike');
const timeToConfirmed = new Trend('time_to_confirmed', true);

export const options: Options = {
  scenarios: {
    orders: {
      executor: 'ramping-arrival-rate',
      startRate: 1,
      timeUnit: '1s',
      // A quarter of the time to get there: cold environments are a question of their own.
      stages: [
        { target: rate, duration: `${Math.ceil(seconds / 4)}s` },
        { target: rate, duration: `${Math.floor((3 * seconds) / 4)}s` },
      ],
      preAllocatedVUs: maxInFlight,
      maxVUs: maxInFlight,
      gracefulStop: '15s',
    },
  },
  thresholds: {
    ...objectives['create-order'],
    ...objectives['get-order'],
    checks: ['rate==1'],
    orders_confirmed: ['rate==1'],
    orders_placed: ['count>0'],
    replays_alike: ['rate==1'],
  },
};

// A refusal is no fault of the service: the objectives count what is.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }));

const apiUrl = __ENV['API_URL'] ?? fail('API_URL is not set');
const headers = {
  'content-type': 'application/json',
  'x-api-key': __ENV['API_KEY'] ?? fail('API_KEY is not set'),
  authorization: `Bearer ${__ENV['TOKEN'] ?? fail('TOKEN is not set')}`,
};
const items = ['book', 'lamp', 'desk'];

type Answer = RefinedResponse<'text'>;

/** Names this run, so that no key of it was ever used before. */
export const setup = () => ({ run: `load-${Date.now()}` });

export default function placeOrder({ run }: { run: string }): void {
  const nth = exec.scenario.iterationInTest;
  const key = `${run}-${nth}`;
  const body = JSON.stringify({
    lines: [{ itemId: items[nth % items.length], quantity: 1 }],
    address: '1 Load Street',
  });
  const first = place(key, body);
  const accepted = check(first, { 'an order is accepted': ({ status }) => status === 201 });
  if (!accepted) return;
  ordersPlaced.add(1);
  if (nth % 10 === 0) replaysAlike.add(isReplayOf(first, place(key, body)));
  if (nth % 10 === 5) awaitConfirmed(String(first.json('id')), Date.now());
}

const place = (key: string, body: string): Answer =>
  persist(() =>
    http.post(`${apiUrl}/orders`, body, {
      ...toParams('create-order'),
      headers: { ...headers, 'idempotency-key': key },
    }),
  );

const toParams = (route: string): Params & { responseType: 'text' } => ({
  headers,
  // By route, not by URL: each order has its own.
  tags: { route, name: route },
  timeout: '10s',
  responseType: 'text',
});

const isReplayOf = (first: Answer, second: Answer): boolean =>
  second.status === 201 &&
  second.json('id') === first.json('id') &&
  second.headers['Idempotency-Replayed'] === 'true';

/** What is refused for now is asked again, the very same way. At most 5 times in all. */
function persist(ask: () => Answer): Answer {
  let answer = ask();
  for (let tries = 1; tries < 5 && [429, 503].includes(answer.status); tries++) {
    sleep(Number(answer.headers['Retry-After'] ?? 0) || Math.random() * 2 ** tries * 0.1);
    answer = ask();
  }
  return answer;
}

/** An order is confirmed by its worker. A sample, because asking is load too. */
function awaitConfirmed(id: string, placedAtMs: number): void {
  const untilMs = placedAtMs + 10_000;
  let status: unknown;
  while (status !== 'confirmed' && status !== 'rejected' && Date.now() < untilMs) {
    const order = persist(() => http.get(`${apiUrl}/orders/${id}`, toParams('get-order')));
    status = order.status === 200 ? order.json('status') : undefined;
    if (status === 'confirmed') timeToConfirmed.add(Date.now() - placedAtMs);
    else sleep(0.1);
  }
  ordersConfirmed.add(status === 'confirmed');
}
