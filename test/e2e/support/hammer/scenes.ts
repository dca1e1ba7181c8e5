/** What callers do, and how they get in each other's way: one scene for each kind of conflict. */
import type { Bearer } from '#shared/auth/token.ts';
import type { Asked } from './action.ts';
import * as beginning from './beginning.ts';
import type { Random } from './random.ts';

/** An action, and how many others come between it and the first of its scene, about. */
export interface Cue {
  readonly asked: Asked;
  readonly after: number;
}

export interface Stage {
  readonly random: Random;
  readonly tenant: string;
  /** Gives an action its key now, so that others may name what it will make. */
  readonly idOf: (asked: Asked) => string;
  /** How often this has been asked for before; counts. */
  readonly count: (what: string) => number;
}

export type Scene = (stage: Stage) => readonly Cue[];

const now = (asked: Asked): Cue => ({ asked, after: 0 });

const as = (tenant: string, user: string): Bearer => ({
  tenant,
  user,
  role: user === 'admin' ? 'admin' : 'user',
});

const someone = ({ random, tenant }: Stage): Bearer => as(tenant, random.pick(beginning.users));

/** An order, changed and cancelled by rivals while its worker decides it, and again afterwards. */
const order: Scene = (stage) => {
  const { random, tenant, idOf } = stage;
  const caller = as(
    tenant,
    random.chance(0.1) ? beginning.unknownUser : random.pick(beginning.users),
  );
  const quantity = random.int(1, 3);
  const itemId = random.pick(['plenty', 'plenty', 'some', 'some', 'few', 'last', 'none']);
  const second = random.chance(0.3) ? [{ itemId: 'plenty', quantity: 1 }] : [];
  const lines = [{ itemId, quantity }, ...(itemId === 'plenty' ? [] : second)];
  const create: Asked = {
    caller,
    route: 'create-order',
    body: { lines, address: '1 Hammer Road' },
  };
  const parameters = { id: idOf(create) };
  const whoever = () => (random.chance(0.1) ? someone(stage) : caller);
  const patch = (ifMatch: number, body: Readonly<Record<string, unknown>>, after: number): Cue => ({
    asked: { caller: whoever(), route: 'update-order', parameters, ifMatch, body },
    after,
  });
  const cancel = (ifMatch: number, after: number): Cue => ({
    asked: { caller: whoever(), route: 'cancel-order', parameters, ifMatch },
    after,
  });
  const address = { address: `${random.int(2, 9)} Anvil Street` };
  const rivals = [
    patch(1, { lines: [{ itemId: 'plenty', quantity: random.int(1, 5) }] }, 1),
    patch(1, address, 2),
    cancel(1, 2),
    patch(2, address, 90),
    patch(2, { address: '1 Hammer Road' }, 91),
    cancel(2, 92),
    cancel(3, 120),
  ];
  return [now(create), ...rivals.filter(() => random.chance(0.27))];
};

/** Money from hot accounts to hot accounts, sometimes more than there is. */
const transfer: Scene = ({ random, tenant }) => {
  const pick = () =>
    random.pick(random.chance(0.6) ? beginning.accounts.slice(0, 3) : beginning.accounts);
  const [from, to] = [pick(), pick()];
  const user = random.chance(0.1) ? 'admin' : from.userId;
  const amountMinor = random.chance(0.2) ? random.int(5_000, 30_000) : random.int(1, 3_000);
  return [
    now({
      caller: as(tenant, random.chance(0.05) ? random.pick(beginning.users) : user),
      route: 'create-transfer',
      body: {
        fromAccountId: from.id,
        toAccountId: to.id,
        amountMinor,
        currency: beginning.currency,
      },
    }),
  ];
};

/** Two who restock on what both have read. */
const item: Scene = ({ random, tenant, count }) => {
  const id = random.pick(['plenty', 'some', 'few', 'last']);
  const ifMatch = count(`${tenant} ${id}`) + 1;
  const one = (): Asked => ({
    caller: as(tenant, 'admin'),
    route: 'update-item',
    parameters: { id },
    ifMatch,
    body: {
      name: id,
      priceMinor: random.int(50, 150),
      currency: beginning.currency,
      restock: random.int(-2, 4),
    },
  });
  return [now(one()), { asked: one(), after: random.int(0, 8) }];
};

/** A voter who cannot decide, in a poll that everybody votes in. */
const vote: Scene = (stage) => {
  const { random } = stage;
  const caller = someone(stage);
  const parameters = {
    id: random.pick(random.chance(0.7) ? beginning.pollIds.slice(0, 1) : beginning.pollIds),
  };
  const cast = (): Asked => ({
    caller,
    route: 'cast-vote',
    parameters,
    body: { option: random.chance(0.04) ? 'gin' : random.pick(beginning.options) },
  });
  const withdraw: Asked = { caller, route: 'withdraw-vote', parameters };
  return [
    now(random.chance(0.15) ? withdraw : cast()),
    { asked: random.chance(0.3) ? withdraw : cast(), after: random.int(0, 60) },
  ];
};

/** A hold that many want, some of it too short, confirmed and released by rivals and by strangers. */
const booking: Scene = (stage) => {
  const { random, idOf } = stage;
  const caller = someone(stage);
  const slots = random.int(1, 3);
  const from = random.int(0, beginning.slotStarts.length - slots);
  const create: Asked = {
    caller,
    route: 'create-booking',
    body: {
      resourceId: random.pick(
        random.chance(0.7) ? beginning.resourceIds.slice(0, 1) : beginning.resourceIds,
      ),
      slots: beginning.slotStarts.slice(from, from + slots),
      holdForSeconds: random.chance(0.3) ? 6 : 900,
    },
  };
  const parameters = { id: idOf(create) };
  const whoever = () => (random.chance(0.1) ? someone(stage) : caller);
  const confirm = (after: number): Cue => ({
    asked: { caller: whoever(), route: 'confirm-booking', parameters },
    after,
  });
  const release = (after: number): Cue => ({
    asked: { caller: whoever(), route: 'release-booking', parameters },
    after,
  });
  const rivals = [confirm(2), confirm(3), release(3), confirm(40), release(45), release(60)];
  return [now(create), ...rivals.filter(() => random.chance(0.35))];
};

/** The last pieces of a coupon, and users who redeem it under another key again. */
const coupon: Scene = (stage) => {
  const { random } = stage;
  const caller = someone(stage);
  const code = random.pick(Object.keys(beginning.coupons));
  const redeem = (): Asked => ({
    caller,
    route: 'redeem-coupon',
    parameters: { code: random.chance(0.2) ? code.toLowerCase() : code },
  });
  return [
    now(redeem()),
    ...(random.chance(0.4) ? [{ asked: redeem(), after: random.int(0, 3) }] : []),
  ];
};

/** The same day's reward under two keys. */
const reward: Scene = (stage) => {
  const claim: Asked = { caller: someone(stage), route: 'claim-daily-reward' };
  return [now(claim), ...(stage.random.chance(0.5) ? [{ asked: claim, after: 1 }] : [])];
};

/** Jobs for the relay, more at once than it has places for now and then; to some nobody listens. */
const relay: Scene = (stage) => {
  const { random } = stage;
  const job = (): Cue =>
    now({
      caller: someone(stage),
      route: 'create-relay-job',
      body: {
        channel: random.chance(0.2) ? 'nobody' : 'news',
        body: 'The harbour opens at seven.',
      },
    });
  return Array.from({ length: random.chance(0.1) ? 12 : 1 }, job);
};

/** Each with its weight in the whole. */
export const scenes: readonly (readonly [Scene, number])[] = [
  [order, 22],
  [transfer, 26],
  [item, 6],
  [booking, 12],
  [vote, 14],
  [coupon, 12],
  [reward, 8],
  // Low: each job keeps others waiting for as long as its worker is dead.
  [relay, 3],
];
