/** `npm run ops -- dlq …`: dead letters, without the API in between, in the words of its routes. */

import { discardOne, list, show, summarize } from './dlq-letters.ts';
import { readDlqOptions } from './dlq-options.ts';
import type { Asked, DlqParts } from './dlq-parts.ts';
import { follow, replay } from './dlq-replays.ts';
import { progressBar } from './progress-bar.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { stageStore } from './stage-clients.ts';
import { sameStage, say } from './stage-options.ts';
import { textOf } from './text-of.ts';

/** @returns the exit code: 0 done, 1 not there, or not all of it went well. */
export async function carryOut(asked: Asked, parts: DlqParts): Promise<number> {
  switch (asked.order) {
    case 'summary':
      return summarize(parts);
    case 'list':
      return list(asked, parts);
    case 'show':
      return show(asked, parts);
    case 'discard':
      return discardOne(asked, parts);
    case 'replay':
      return replay(asked, parts);
    case 'follow':
      return follow(asked, parts);
  }
}

export async function dlq(
  args: readonly string[],
  out: (text: string) => void,
  stackOptions: StackOptions = {},
): Promise<number> {
  const { stage, port, json, ...asked } = readDlqOptions(args);
  enterStage(stage, { ...stackOptions, port });
  return carryOut(asked, {
    store: stageStore(stage, ['parked', 'outbox']),
    tell: say(json, out),
    where: sameStage({ stage, port }),
    bar: progressBar(),
    readText: textOf,
  });
}
