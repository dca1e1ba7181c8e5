/**
 * Has Secrets Manager rotate secrets by a function of ours, as their rows say.
 *
 * Not by CDK's RotationSchedule: that one allows the function GetRandomPassword on everything, lets any
 * account's Secrets Manager call it, and puts a policy on each secret.
 */
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRotationSchedule, type Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Stack } from 'aws-cdk-lib/core';
import { type SecretName, type SecretRow, secrets } from '#functions/tables/secrets.ts';
import type { ServiceFunction } from './service-function.ts';

/** @throws RangeError for a secret whose row names no interval. */
export function rotate(
  target: ServiceFunction,
  deployed: Readonly<Record<SecretName, Secret>>,
): void {
  const id = 'secretsmanager';
  target.addPermission(id, {
    principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
    sourceAccount: Stack.of(target).account,
  });
  for (const name of target.row.rotates ?? []) {
    const { rotatedEveryDays }: SecretRow = secrets[name];
    if (rotatedEveryDays === undefined) throw new RangeError(`secret '${name}' is never rotated`);
    const schedule = new CfnRotationSchedule(target, `rotates-${name}`, {
      secretId: deployed[name].secretArn,
      rotationLambdaArn: target.functionArn,
      rotationRules: { automaticallyAfterDays: rotatedEveryDays },
    });
    // It rotates at once when it is made, so that a rotation that cannot work is seen on that day.
    schedule.node.addDependency(target.node.findChild(id));
  }
}
