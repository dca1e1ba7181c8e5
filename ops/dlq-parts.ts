/** What the orders of `npm run ops -- dlq` work with. */
import type { DynamoStore } from '#shared/state/dynamodb-store.ts';
import type { DlqOrder } from './dlq-options.ts';
import type { FollowReplayOptions } from './dlq-replay.ts';
import type { Bar } from './progress-bar.ts';
import type { Said } from './stage-options.ts';

/** The role of the table of letters. */
export const table = 'parked';

export interface DlqParts {
  readonly store: DynamoStore;
  readonly tell: (said: Said) => void;
  /** From `sameStage`: for the command that follows it. */
  readonly where?: string;
  readonly bar?: Bar;
  /** The text of a file; of `-`, the standard input. */
  readonly readText?: (file: string) => Promise<string>;
  readonly now?: () => number;
  readonly sleep?: FollowReplayOptions['sleep'];
}

export type Asked = DlqOrder & { readonly dryRun: boolean };

export type Order<Name extends DlqOrder['order']> = Extract<Asked, { readonly order: Name }>;

export const notThere = (id: string): Said => ({
  text: `there is no letter ${id} in this queue`,
  facts: { id, found: false },
});
