/** What must hold when a run is over. Each answers with what does not, in words; nothing is right. */

import { noSlotIsTwice, slotsAreTheirBookings } from './bookings.ts';
import type { Books } from './books.ts';
import {
  answersAgree,
  noEffectUnasked,
  noFailureIsRetained,
  oneEffectEach,
  recordsAreTheAnswers,
} from './effects.ts';
import {
  auditIsWhole,
  everyEventIsSettled,
  lastEventsAreLast,
  mailsAreSentOnce,
  poisonIsParkedOnce,
  sequencesAreWhole,
} from './events.ts';
import { balancesAreTheirTransfers, moneyIsConserved, noBalanceIsNegative } from './money.ts';
import { couponsAddUp, rewardsAreClaimedOnce } from './one-time.ts';
import { ordersAreDecided, stockAddsUp } from './orders.ts';
import {
  jobsEndAsTheirEvents,
  lettersAreOfParkedJobs,
  placesAreAcceptedJobs,
  targetTookJobsOnce,
} from './relay.ts';
import { trespassersAreRefused, violationsAreRecorded } from './violations.ts';
import { talliesAreVotes } from './votes.ts';

export type Check = (books: Books) => readonly string[];

export const checks = {
  'every key has one answer': answersAgree,
  'every key that was done has one effect, every other none': oneEffectEach,
  'no effect is there that nobody asked for': noEffectUnasked,
  'every record holds what its callers heard, and refusals leave none': recordsAreTheAnswers,
  'no failure is retained': noFailureIsRetained,
  'no money is made or lost': moneyIsConserved,
  'no balance is negative': noBalanceIsNegative,
  'every balance is what its transfers make of it': balancesAreTheirTransfers,
  'stock is what came in less what confirmed orders hold': stockAddsUp,
  'every order is decided, once': ordersAreDecided,
  'no slot is held or booked twice': noSlotIsTwice,
  'slots are those of their bookings': slotsAreTheirBookings,
  'tallies are the votes': talliesAreVotes,
  'coupons left and redeemed are those there were, one a user': couponsAddUp,
  'rewards are claimed once a user and day': rewardsAreClaimedOnce,
  'every event has its effect or its letter': everyEventIsSettled,
  'what no consumer can do is parked once, with its cause': poisonIsParkedOnce,
  'every version of an aggregate is told once': sequencesAreWhole,
  'every decided order has one mail': mailsAreSentOnce,
  'every audited event has one entry': auditIsWhole,
  'no older event came over a newer one': lastEventsAreLast,
  'every job of the relay has ended, as its event did': jobsEndAsTheirEvents,
  'a place of the relay is taken for each accepted job, and for no other': placesAreAcceptedJobs,
  'the target took every delivered job, under one key': targetTookJobsOnce,
  'a job of the relay is parked with its letter': lettersAreOfParkedJobs,
  'whoever names another tenant is refused': trespassersAreRefused,
  'every violation is recorded as it was, and no other': violationsAreRecorded,
} as const satisfies Record<string, Check>;
