/** Mistakes that others have made in this field, each with the test that keeps us from it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from './sources.ts';

interface Trap {
  readonly trap: string;
  /** Where it was met. */
  readonly seenIn: string;
  /** The file under test/, and the name of the test in it. */
  readonly heldBy: readonly [file: string, name: string];
}

const traps: readonly Trap[] = [
  {
    trap: "a refused duplicate frees the running owner's lease",
    seenIn: 'powertools-lambda-typescript#5675',
    heldBy: [
      'unit/idempotency/leased.test.ts',
      'tells whoever comes meanwhile how long the lease still runs, and leaves it alone',
    ],
  },
  {
    trap: 'a handler changes its event, and completes under another key',
    seenIn: 'powertools-lambda-typescript#5715',
    heldBy: [
      'unit/functions/write-route.test.ts',
      'knows a request again although its use case changed it',
    ],
  },
  {
    trap: 'a returned 5xx is retained as a success',
    seenIn: 'powertools-lambda-typescript',
    heldBy: [
      'unit/functions/write-route.test.ts',
      'retains no refusal: the key is as free as before',
    ],
  },
  {
    trap: "a late owner overwrites or deletes another's record",
    seenIn: 'powertools-lambda-typescript',
    heldBy: [
      'unit/idempotency/leased.test.ts',
      'neither deletes nor marks the lease of its successor',
    ],
  },
  {
    trap: 'a record that has lapsed and is not yet deleted is trusted',
    seenIn: 'node-rate-limiter-flexible#310, #341',
    heldBy: [
      'unit/idempotency/unit-of-work.test.ts',
      'takes a key again when its record has lapsed, though the store still holds it',
    ],
  },
  {
    trap: 'all keys lie in one partition',
    seenIn: 'Brighter#2810, and composite sort keys of Powertools',
    heldBy: [
      'unit/functions/votes.test.ts',
      'of all votes of a user are one item, and those of a crowd are spread over all',
    ],
  },
  {
    trap: 'events lie in one partition of the outbox',
    seenIn: 'Brighter#2810',
    heldBy: ['unit/outbox/outbox-items.test.ts', 'share the events of ten minutes evenly'],
  },
  {
    trap: 'a conflict is taken for success',
    seenIn: 'ddb-token-bucket',
    heldBy: [
      'unit/idempotency/unit-of-work.test.ts',
      'gives up after four runs in a row that met a conflict, and wrote nothing',
    ],
  },
  {
    trap: 'a caller whose write was overtaken by another is admitted',
    seenIn: 'ddb-token-bucket',
    heldBy: [
      'unit/rate-limit/token-bucket.test.ts',
      'takes no conflict for permission: whoever was overtaken asks again, and is refused without room',
    ],
  },
  {
    trap: 'a limit that has lapsed and is not yet deleted still refuses',
    seenIn: 'node-rate-limiter-flexible#310, #341',
    heldBy: [
      'contract/rate-limit-contract.ts',
      'takes an item that lapsed and was not deleted for what it is: nothing',
    ],
  },
  {
    trap: 'the limits of all keys lie in one partition',
    seenIn: 'GHSA-76rv-2r9v-c5m6',
    heldBy: [
      'unit/rate-limit/token-bucket.test.ts',
      'lies in a partition for each key: none of them slows another',
    ],
  },
  {
    trap: 'what is remembered of one key that ran over refuses all keys',
    seenIn: 'mennanov/limiters#141',
    heldBy: [
      'unit/rate-limit/every-limiter.test.ts',
      'refuses no key for what it knows of another',
    ],
  },
  {
    trap: 'a cutoff for stale messages kills those that were replayed',
    seenIn: 'nango#5991',
    heldBy: [
      'e2e/workbench.test.ts',
      'are replayed weeks after they happened: no cutoff counts the age of a message',
    ],
  },
  {
    trap: 'a redriven message, with the time of its first sending, makes a queue look far behind',
    seenIn: 'nango#5991',
    heldBy: [
      'unit/functions/pressure.test.ts',
      'keeps a redriven, replayed or put-off message from looking like a queue that is behind',
    ],
  },
  {
    trap: 'a throttle feeds on its own refusals, and never recovers',
    seenIn: 'go-zero#3837, PR #5551',
    heldBy: [
      'unit/http/shed.test.ts',
      'recovers while nothing but refused calls come: what it refuses does not count against it',
    ],
  },
  {
    trap: 'mistakes of users fill the dead-letter queue',
    seenIn: 'outpost#571',
    heldBy: [
      'e2e/workbench.test.ts',
      'a mistake of a user fills no dead-letter queue: it is refused, or a result',
    ],
  },
  {
    trap: 'a replay copies and does not take away, or takes away and does not copy',
    seenIn: 'lumigo-CLI#60',
    heldBy: [
      'e2e/workbench.test.ts',
      'leave their dead-letter queue for the table, and the table for their queue: a replay neither copies without taking away nor takes away without copying',
    ],
  },
  {
    trap: 'deletions by TTL are published as business events',
    seenIn: 'DynamoDB Streams',
    heldBy: ['unit/outbox/dynamodb-stream.test.ts', 'a deletion by TTL'],
  },
  {
    trap: 'an early answer goes out without the headers of every answer',
    seenIn: '@middy/core',
    heldBy: ['unit/http/chain.test.ts', 'has the headers of every answer, and its own over them'],
  },
  {
    trap: 'a refusal goes out without the headers of its limits',
    seenIn: '@middy/core',
    heldBy: [
      'unit/http/rate-limit.test.ts',
      'is told which limit, and when to come back: then it passes',
    ],
  },
  {
    trap: 'a timeout turns refusals of a limit into failures of its store',
    seenIn: 'node-rate-limiter-flexible#337',
    heldBy: [
      'unit/rate-limit/guard.test.ts',
      'never takes a refusal for a failure, nor a failure for a refusal',
    ],
  },
  {
    trap: 'a limit is configured and without effect',
    seenIn: 'outpost#596, convoy#1927',
    heldBy: [
      'e2e/limits.test.ts',
      'is refused, and passes again after as long as it was told; others of the tenant do not notice',
    ],
  },
];

describe('the trap that', () => {
  it.each(traps)('$trap ($seenIn) has its test', ({ heldBy: [file, name] }) => {
    expect(readFileSync(join(checkout, 'test', file), 'utf8')).toContain(`'${name}'`);
  });
});
