/** Items whose time has come, and settings of a table that CloudFormation makes. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { mapEvents } from '../lab/mapping.ts';
import type { Lab } from '../lab.ts';
import type { Finding, Probe } from '../probe.ts';

/** AWS itself only promises days. Engines that look by themselves do so every minute. */
const byItselfWithinMs = 65_000;

interface Removal {
  readonly eventName: string;
  readonly userIdentity?: { readonly principalId?: string };
}

/** What became of an item whose time had come an hour ago. */
interface Observation {
  readonly gone: 'by itself' | 'when asked' | 'never';
  /** What the stream says of its end. */
  readonly removal: Removal | undefined;
}

async function observe(lab: Lab): Promise<Observation> {
  const { dynamodb } = lab.clients;
  const { name: TableName, streamArn } = await lab.createTable({ stream: true });
  const told = await streamReader(lab, streamArn);
  await dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    }),
  );
  const seconds = Math.floor(Date.now() / 1_000);
  const put = (pk: string, expiresAt: number) =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: pk }, expiresAt: { N: String(expiresAt) } },
      }),
    );
  await put('lapsed', seconds - 3_600);
  await put('current', seconds + 86_400);
  const exists = async (pk: string) => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    return Item !== undefined;
  };
  const isGone = (withinMs: number) =>
    lab.eventually(async () => !(await exists('lapsed')), { withinMs, everyMs: 500 });

  let gone: Observation['gone'] = 'never';
  if (await isGone(byItselfWithinMs)) gone = 'by itself';
  else {
    await askToLook(lab);
    if (await isGone(5_000)) gone = 'when asked';
  }
  if (!(await exists('current'))) throw new Error('an item whose time has not come is gone');
  // Behind it in the stream, so that silence about the removal means something.
  await put('mark', seconds + 86_400);
  await lab.must('the stream goes on', () => told('mark', 'INSERT'), { withinMs: 60_000 });
  return { gone, removal: await told('lapsed', 'REMOVE') };
}

/** @returns what the stream has told of an item, by its key and the event. */
async function streamReader(lab: Lab, streamArn: string) {
  const notebook = await lab.createNotebook();
  const reader = await lab.deployFunction({
    hint: 'reader',
    notebook,
    code: `
export const handler = async ({ Records }) => {
  for (const { eventName, userIdentity, dynamodb } of Records)
    await note({ pk: dynamodb.Keys.pk.S, eventName, userIdentity });
};`,
  });
  await mapEvents(lab, {
    from: streamArn,
    to: reader,
    settings: { StartingPosition: 'TRIM_HORIZON', BatchSize: 10 },
  });
  return async (pk: string, event: string): Promise<Removal | undefined> =>
    (await notebook.read<Removal & { readonly pk: string }>()).find(
      ({ value }) => value.pk === pk && value.eventName === event,
    )?.value;
}

/** LocalStack looks only when it is told to. Other engines have nothing at this address. */
const askToLook = ({ endpoint }: Lab) =>
  fetch(`${endpoint}/_aws/dynamodb/expired`, {
    method: 'DELETE',
    signal: AbortSignal.timeout(20_000),
  });

const observations = new Map<string, Promise<Observation>>();

/** One for all rows: whoever asks makes the engine look at every table, so they would disturb each other. */
function observation(lab: Lab): Promise<Observation> {
  const known = observations.get(lab.endpoint);
  if (known) return known;
  const made = observe(lab);
  observations.set(lab.endpoint, made);
  return made;
}

const ttlDeletes: Probe = async (lab) => {
  const { gone } = await observation(lab);
  return {
    does: gone === 'by itself',
    saw: `the lapsed item goes ${gone === 'by itself' ? 'within 65 s, and no other' : gone}`,
  };
};

const neverDeleted: Finding = { does: false, saw: 'nothing is deleted, even when asked' };

const ttlStreamRecord: Probe = async (lab) => {
  const { gone, removal } = await observation(lab);
  if (gone === 'never') return neverDeleted;
  return {
    does: removal !== undefined,
    saw: `the lapsed item goes ${gone}, ${removal ? 'with a REMOVE' : 'and nothing'} in the stream`,
  };
};

const ttlStreamIdentity: Probe = async (lab) => {
  const { gone, removal } = await observation(lab);
  if (gone === 'never') return neverDeleted;
  const who = removal?.userIdentity?.principalId;
  return {
    does: who === 'dynamodb.amazonaws.com',
    saw: removal ? `a REMOVE by ${who ?? 'nobody'}` : 'nothing in the stream',
  };
};

/** What CloudFormation was asked for, read back. */
async function deployedTable(lab: Lab): Promise<string> {
  const stack = await lab.deployStack({
    resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: lab.name('table'),
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      },
    },
  });
  return stack.physicalId('Table');
}

const ttlDeployed: Probe = async (lab) => {
  const TableName = await deployedTable(lab);
  const { TimeToLiveDescription: found } = await lab.clients.dynamodb.send(
    new DescribeTimeToLiveCommand({ TableName }),
  );
  const does = found?.TimeToLiveStatus === 'ENABLED' && found.AttributeName === 'expiresAt';
  return { does, saw: `TTL is ${found?.TimeToLiveStatus ?? 'absent'}` };
};

const recoveryDeployed: Probe = async (lab) => {
  const TableName = await deployedTable(lab);
  const { ContinuousBackupsDescription: found } = await lab.clients.dynamodb.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  const status = found?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  return {
    does: status === 'ENABLED',
    saw: `point-in-time recovery is ${status ?? 'absent'}`,
  };
};

export const timeToLiveProbes = {
  'ttl-deletes': ttlDeletes,
  'ttl-stream-record': ttlStreamRecord,
  'ttl-stream-identity': ttlStreamIdentity,
  'ttl-deployed': ttlDeployed,
  'point-in-time-recovery-deployed': recoveryDeployed,
};
