/** What starts a function from a queue or a stream, gone with its probe. */
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import type { Bench } from '../lab.ts';
import type { DeployedFunction } from './function.ts';

export interface MappingOptions {
  /** ARN of a queue or of a stream. */
  readonly from: string;
  readonly to: DeployedFunction;
  /** As AWS calls them. */
  readonly settings?: Omit<CreateEventSourceMappingCommandInput, 'EventSourceArn' | 'FunctionName'>;
}

/** Resolves when the mapping is enabled: what its source holds by then can be read in one batch. */
export async function mapEvents(
  { clients: { lambda }, later, must }: Bench,
  { from, to, settings = {} }: MappingOptions,
): Promise<void> {
  const { UUID } = await lambda.send(
    new CreateEventSourceMappingCommand({
      ...settings,
      EventSourceArn: from,
      FunctionName: to.name,
    }),
  );
  later(() => lambda.send(new DeleteEventSourceMappingCommand({ UUID })));
  await must(
    `the mapping of ${to.name} is enabled`,
    async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State === 'Enabled',
    { withinMs: 20_000 },
  );
}
