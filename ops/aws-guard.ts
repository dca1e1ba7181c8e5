/**
 * Keeps local commands away from real AWS: every child and every SDK client of stage `local` runs
 * in the environment made here, in which no profile, no credentials and no address of anybody's
 * account are left.
 */
import { devNull } from 'node:os';

export const localRegion = 'us-east-1';

/**
 * Every `AWS_` variable goes, because the list of those that lead elsewhere has no end
 * (`AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_ENDPOINT_URL_S3`, `AWS_WEB_IDENTITY_TOKEN_FILE`, …).
 * `CDK_` variables are options of the CDK command line under another name (`CDK_PROFILE`,
 * `CDK_ROLE_ARN`). A proxy would carry loopback calls off the machine.
 */
const leadsElsewhere = /^(AWS_|CDK_|(HTTP|HTTPS|ALL)_PROXY$)/i;

/** Literal loopback only: no name that a resolver could answer differently, `localhost` apart. */
const loopback =
  /^https?:\/\/(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::(\d{1,5}))?\/?$/;

/**
 * @returns the endpoint, unchanged.
 * @throws RangeError unless it is plainly this machine: other spellings of an address (`0x7f.1`,
 * `127.1`, `127.0.0.010`), user names, paths and queries are refused, since clients read them
 * differently.
 */
export function loopbackEndpoint(endpoint: string): string {
  const [, host] = loopback.exec(endpoint) ?? [];
  const url = URL.parse(endpoint);
  if (!host || !url || url.hostname !== host)
    throw new RangeError(
      `endpoint must be an http address of this machine (such as http://127.0.0.1:4566), got '${endpoint}'`,
    );
  return endpoint;
}

/**
 * The environment for everything of stage `local` that speaks to AWS's API: `base` without what
 * leads elsewhere, with dummy keys and `AWS_ENDPOINT_URL`.
 *
 * @throws RangeError when the endpoint is not on the loopback.
 */
export function localAwsEnvironment(
  endpoint: string,
  base: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const kept = Object.entries(base).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !leadsElsewhere.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    AWS_ENDPOINT_URL: loopbackEndpoint(endpoint),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CDK_NOTICES: 'false',
  };
}

/**
 * Makes `localAwsEnvironment` the environment of this process. Call it before the first SDK client
 * is built.
 */
export function useLocalAws(endpoint: string): void {
  const environment = localAwsEnvironment(endpoint);
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}
