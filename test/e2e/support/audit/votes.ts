/** Votes, and what their counters say. */
import { readVote } from '#functions/domain/poll.ts';
import { votesFor } from '#functions/domain/tally.ts';
import { options, pollIds } from '../hammer/beginning.ts';
import type { Books } from './books.ts';

export const talliesAreVotes = (books: Books): readonly string[] =>
  books.tenants.flatMap((tenant) => {
    const all = books.ofKind('poll').filter((entity) => entity.tenant === tenant);
    return pollIds.flatMap((pollId) => {
      const [votes, counters] = ['vote', 'tally'].map((what) =>
        all.filter(({ rest }) => rest[0] === pollId && rest[1] === what).map(({ item }) => item),
      );
      return options.flatMap((option) => {
        const cast = (votes ?? []).filter((item) => readVote(item)?.option === option).length;
        const counted = votesFor(option, counters ?? []);
        return cast === counted
          ? []
          : [`poll ${tenant}/${pollId}: ${cast} vote for ${option}, ${counted} are counted`];
      });
    });
  });
