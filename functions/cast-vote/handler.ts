/** PUT /polls/{id}/vote */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { changeVoteOf } from '../change-vote.ts';
import { voteHeaders } from '../domain/poll.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';

const environment = readEnv('cast-vote', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  decide: (call, reader) =>
    changeVoteOf(call, { pollId: call.input.path.id, option: call.input.body.option }, reader),
  headers: voteHeaders,
});
