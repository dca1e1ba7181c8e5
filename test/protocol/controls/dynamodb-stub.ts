/** The four commands of Powertools' DynamoDB layer, over a table in memory. */
import {
  ConditionalCheckFailedException,
  type DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { shortened } from '../scheduler/call.ts';
import type { Step } from '../scheduler/stage.ts';
import { type Attributes, holdsExpression } from './expression.ts';

export type Rows = Map<string, Attributes>;

/** Told after each change: the row before, and as it is now. */
export type OnChange = (
  id: string,
  before: Attributes | undefined,
  after: Attributes | undefined,
) => void;

const faults = ['lose-request', 'lose-answer', 'arrive-late'] as const;

type Command = GetItemCommand | PutItemCommand | UpdateItemCommand | DeleteItemCommand;
type Marshalled = Parameters<typeof unmarshall>[0];

export function dynamodbStub(rows: Rows, step: Step, onChange: OnChange): DynamoDBClient {
  function change(id: string, after: Attributes | undefined): void {
    const before = rows.get(id);
    if (after) rows.set(id, after);
    else rows.delete(id);
    onChange(id, before, after);
  }

  function send(command: Command): Promise<unknown> {
    if (command instanceof GetItemCommand) {
      const id = idOf(command.input.Key);
      return step({ verb: 'read', what: `gets ${nameOf(id)}`, faults: ['lose-request'] }, () => {
        const row = rows.get(id);
        return row ? { Item: marshall(row) } : {};
      });
    }
    if (command instanceof PutItemCommand) {
      const item = unmarshall(command.input.Item as Marshalled);
      const id = String(item['id']);
      const {
        ConditionExpression: condition = '',
        ExpressionAttributeNames: names = {},
        ExpressionAttributeValues: values = {},
      } = command.input;
      return step(
        {
          verb: 'write',
          what: `puts ${nameOf(id)} as ${item['status']} if absent or expired`,
          faults,
        },
        () => {
          const before = rows.get(id);
          const context = { names, values: unmarshall(values as Marshalled) };
          if (!holdsExpression(condition, before ?? {}, context))
            throw new ConditionalCheckFailedException({
              message: 'The conditional request failed',
              $metadata: {},
              ...(before && { Item: marshall(before) }),
            });
          change(id, item);
          return {};
        },
      );
    }
    if (command instanceof UpdateItemCommand) {
      const id = idOf(command.input.Key);
      const { UpdateExpression = '', ExpressionAttributeNames = {} } = command.input;
      const values = unmarshall(command.input.ExpressionAttributeValues as Marshalled);
      const set = Object.fromEntries(
        UpdateExpression.replace(/^SET /, '')
          .split(', ')
          .map((clause) => clause.split(' = '))
          .map(([name = '', value = '']) => [
            ExpressionAttributeNames[name] ?? name,
            values[value],
          ]),
      );
      return step(
        {
          verb: 'write',
          what: `updates ${nameOf(id)} to ${set['status']} ${shortened(set['data'])}`,
          faults,
        },
        () => {
          change(id, { id, ...rows.get(id), ...set });
          return {};
        },
      );
    }
    const id = idOf(command.input.Key);
    return step({ verb: 'write', what: `deletes ${nameOf(id)}`, faults }, () => {
      change(id, undefined);
      return {};
    });
  }

  // What Powertools asks of a client before it believes that it is one.
  const middlewareStack = { identify: () => [], addRelativeTo: () => {} };
  return { send, config: {}, middlewareStack } as unknown as DynamoDBClient;
}

const idOf = (key: unknown): string => String(unmarshall(key as Marshalled)['id']);

/** Enough of a hash to tell two apart. */
const nameOf = (id: string): string => `record ${id.slice(0, 14)}…`;
