/** Permissions that are wider than one named thing, each with the reason why it cannot be narrower. */

/** Actions that AWS offers only for everything at once. */
export const actionsOnEverything: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'X-Ray has no resources to name.',
  'xray:PutTelemetryRecords': 'X-Ray has no resources to name.',
  'dynamodb:ListStreams':
    'Lambda asks for it before it reads a stream; it lists those of an account.',
};

/** Policies of AWS that roles of ours have, by the end of their names. */
export const policiesOfAws: Readonly<Record<string, string>> = {
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs':
    'One role lets all APIs of the account and region log. API Gateway refuses one that may do less.',
  'service-role/AWSBackupServiceRolePolicyForBackup':
    'What a backup needs changes with AWS Backup; a role that lags behind makes copies fail unseen.',
};

/** Services that take on a role of ours without saying for whom, so that no condition can ask. */
export const servicesWithoutSource: Readonly<Record<string, string>> = {
  'apigateway.amazonaws.com':
    'The role is a setting of the account: only its owner can hand it over.',
  'backup.amazonaws.com':
    'The role is handed over in a selection: only the owner of it can make one.',
};
