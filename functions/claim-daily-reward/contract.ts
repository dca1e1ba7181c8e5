import type { RouteContract } from '../contract.ts';
import { claimView } from '../domain/reward.ts';

export const contract = {
  summary: "Claim the day's reward",
  description:
    'Once a UTC day. Claimed on days in a row it grows. The day is that of the first request: repeated after midnight under its key, it gets the first answer.',
  answer: { status: 201, description: 'The claim.', body: claimView },
  problems: ['reward-already-claimed'],
  example: { role: 'user' },
} as const satisfies RouteContract;
