/** The contract of every route. A new route is a row here. */

import { contract as cancelOrder } from './cancel-order/contract.ts';
import { contract as castVote } from './cast-vote/contract.ts';
import { contract as claimDailyReward } from './claim-daily-reward/contract.ts';
import { contract as confirmBooking } from './confirm-booking/contract.ts';
import type { RouteContract } from './contract.ts';
import { contract as createBooking } from './create-booking/contract.ts';
import { contract as createOrder } from './create-order/contract.ts';
import { contract as createRelayJob } from './create-relay-job/contract.ts';
import { contract as createTransfer } from './create-transfer/contract.ts';
import { contract as discardDeadLetter } from './discard-dead-letter/contract.ts';
import { contract as getAccount } from './get-account/contract.ts';
import { contract as getAvailability } from './get-availability/contract.ts';
import { contract as getBooking } from './get-booking/contract.ts';
import { contract as getDeadLetter } from './get-dead-letter/contract.ts';
import { contract as getDeadLetterReplay } from './get-dead-letter-replay/contract.ts';
import { contract as getItem } from './get-item/contract.ts';
import { contract as getOrder } from './get-order/contract.ts';
import { contract as getOutboxReplay } from './get-outbox-replay/contract.ts';
import { contract as getPoll } from './get-poll/contract.ts';
import { contract as getRelayJob } from './get-relay-job/contract.ts';
import { contract as getSalesReport } from './get-sales-report/contract.ts';
import { contract as getStats } from './get-stats/contract.ts';
import { contract as health } from './health/contract.ts';
import { contract as listDeadLetters } from './list-dead-letters/contract.ts';
import { contract as listOrders } from './list-orders/contract.ts';
import { contract as listViolations } from './list-violations/contract.ts';
import { contract as redeemCoupon } from './redeem-coupon/contract.ts';
import { contract as releaseBooking } from './release-booking/contract.ts';
import { contract as replayDeadLetters } from './replay-dead-letters/contract.ts';
import { contract as replayOutbox } from './replay-outbox/contract.ts';
import { contract as setSimulatedFaults } from './set-simulated-faults/contract.ts';
import { contract as summarizeDeadLetters } from './summarize-dead-letters/contract.ts';
import type { RouteName } from './tables/routes.ts';
import { contract as updateItem } from './update-item/contract.ts';
import { contract as updateOrder } from './update-order/contract.ts';
import { contract as withdrawVote } from './withdraw-vote/contract.ts';

export const contracts = {
  'create-order': createOrder,
  'list-orders': listOrders,
  'get-order': getOrder,
  'update-order': updateOrder,
  'cancel-order': cancelOrder,
  'get-item': getItem,
  'update-item': updateItem,
  'create-transfer': createTransfer,
  'get-account': getAccount,
  'cast-vote': castVote,
  'withdraw-vote': withdrawVote,
  'get-poll': getPoll,
  'redeem-coupon': redeemCoupon,
  'claim-daily-reward': claimDailyReward,
  'summarize-dead-letters': summarizeDeadLetters,
  'list-dead-letters': listDeadLetters,
  'get-dead-letter': getDeadLetter,
  'discard-dead-letter': discardDeadLetter,
  'replay-dead-letters': replayDeadLetters,
  'get-dead-letter-replay': getDeadLetterReplay,
  'replay-outbox': replayOutbox,
  'get-outbox-replay': getOutboxReplay,
  'list-violations': listViolations,
  'get-sales-report': getSalesReport,
  'get-availability': getAvailability,
  'create-booking': createBooking,
  'get-booking': getBooking,
  'confirm-booking': confirmBooking,
  'release-booking': releaseBooking,
  'get-stats': getStats,
  'create-relay-job': createRelayJob,
  'get-relay-job': getRelayJob,
  health,
  'set-simulated-faults': setSimulatedFaults,
} as const satisfies Record<RouteName, RouteContract>;
