/** Secrets: their versions, and who makes new ones. */

import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Notebook } from '../lab/notebook.ts';
import type { Lab } from '../lab.ts';
import type { Probe } from '../probe.ts';
import { unlessRefused } from '../refusal.ts';
import type { CapabilityOf } from '../table.ts';

/** @returns its ARN. */
async function createSecret({ clients: { secrets }, name, later }: Lab): Promise<string> {
  const { ARN: SecretId = '' } = await secrets.send(
    new CreateSecretCommand({ Name: name('secret'), SecretString: 'first' }),
  );
  later(() =>
    secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })),
  );
  return SecretId;
}

const secretVersions: Probe = async (lab) => {
  const { secrets } = lab.clients;
  const SecretId = await createSecret(lab);
  const readStage = async (VersionStage: string) =>
    (await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'second' }));
  const [current, previous] = [await readStage('AWSCURRENT'), await readStage('AWSPREVIOUS')];
  return {
    does: current === 'second' && previous === 'first',
    saw: `after a second value AWSCURRENT is the ${current}, AWSPREVIOUS the ${previous}`,
  };
};

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** Writes down its steps. It makes no new version: only who calls it is asked here. */
async function rotator(lab: Lab, notebook: Notebook): Promise<string> {
  const { name, arn } = await lab.deployFunction({
    hint: 'rotator',
    notebook,
    code: 'export const handler = async ({ Step }) => { await note(Step); };',
  });
  await lab.clients.lambda.send(
    new AddPermissionCommand({
      FunctionName: name,
      StatementId: 'secrets',
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
    }),
  );
  return arn;
}

async function stepsSeen(lab: Lab, notebook: Notebook): Promise<readonly string[]> {
  const seen = async () => (await notebook.read<string>()).map(({ value }) => value);
  await lab.eventually(async () => (await seen()).length >= steps.length, { withinMs: 8_000 });
  return seen();
}

const rotation: Probe = async (lab) => {
  const notebook = await lab.createNotebook();
  const arn = await rotator(lab, notebook);
  const SecretId = await createSecret(lab);
  return unlessRefused(async () => {
    await lab.clients.secrets.send(
      new RotateSecretCommand({
        SecretId,
        RotationLambdaARN: arn,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
    const seen = await stepsSeen(lab, notebook);
    return {
      does: seen.join() === steps.join(),
      saw: seen.length === 0 ? 'the function is not called' : `called for ${seen.join(', ')}`,
    };
  });
};

const rotationDeployed: Probe = async (lab) => {
  const notebook = await lab.createNotebook();
  const arn = await rotator(lab, notebook);
  return unlessRefused(async () => {
    const stack = await lab.deployStack({
      resources: {
        Secret: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: { Name: lab.name('secret'), SecretString: 'first' },
        },
        Schedule: {
          Type: 'AWS::SecretsManager::RotationSchedule',
          Properties: {
            SecretId: { Ref: 'Secret' },
            RotationLambdaARN: arn,
            RotationRules: { AutomaticallyAfterDays: 30 },
            RotateImmediatelyOnUpdate: false,
          },
        },
      },
    });
    const { RotationEnabled: enabled, RotationRules: rules } = await lab.clients.secrets.send(
      new DescribeSecretCommand({ SecretId: stack.physicalId('Secret') }),
    );
    return {
      does: enabled === true && rules?.AutomaticallyAfterDays === 30,
      saw: enabled ? `every ${rules?.AutomaticallyAfterDays ?? '?'} days` : 'rotation is off',
    };
  });
};

export const secretProbes = {
  'secret-versions': secretVersions,
  rotation,
  'rotation-deployed': rotationDeployed,
} satisfies Record<CapabilityOf<'secrets'>, Probe>;
