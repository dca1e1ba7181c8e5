import { GetStageCommand, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import * as z from 'zod';
import { step } from '../step.ts';

const setting = z.object({
  ResourcePath: z.string(),
  HttpMethod: z.string(),
  ThrottlingRateLimit: z.number().optional(),
  ThrottlingBurstLimit: z.number().optional(),
});

type Setting = z.infer<typeof setting>;

/** `/~1orders` and `POST` are `orders/POST`; `/*` and `*` are `* /*` without the blank. */
const keyOf = ({ ResourcePath, HttpMethod }: Setting): string =>
  plain(`${ResourcePath}/${HttpMethod}`);

const plain = (key: string): string => decoded(key).replace(/^\/+/, '');

/**
 * As a stage names the settings that it holds to: with `~1` or `/`, with the first one or without.
 * MiniStack keeps what CloudFormation says under `/~1orders/POST`, and never looks at it.
 */
const held = (key: string): string => (key.startsWith('/~1') ? key : plain(key));

/** A path in a path: `~1` stands for its slashes (RFC 6901, section 3). */
const decoded = (path: string): string => path.replaceAll('~1', '/');
const encoded = (path: string): string => path.replaceAll('/', '~1');

const isThrottled = (row: Setting): boolean =>
  row.ThrottlingRateLimit !== undefined || row.ThrottlingBurstLimit !== undefined;

/** How fast each method of a stage may be called, by everybody together. */
export const stageThrottles = step({
  name: 'stage throttle',
  type: 'AWS::ApiGateway::Stage',
  properties: z.object({
    RestApiId: z.string(),
    StageName: z.string(),
    MethodSettings: z.array(setting).default([]),
  }),
  wanted: ({ MethodSettings }) =>
    Object.fromEntries(
      MethodSettings.filter(isThrottled).flatMap((row) => [
        [`${keyOf(row)} rate`, row.ThrottlingRateLimit],
        [`${keyOf(row)} burst`, row.ThrottlingBurstLimit],
      ]),
    ),
  async read({ apiGateway }, { RestApiId: restApiId, StageName: stageName }) {
    const { methodSettings = {} } = await apiGateway.send(
      new GetStageCommand({ restApiId, stageName }),
    );
    return Object.fromEntries(
      Object.entries(methodSettings).flatMap(([key, found]) => [
        [`${held(key)} rate`, found.throttlingRateLimit],
        [`${held(key)} burst`, found.throttlingBurstLimit],
      ]),
    );
  },
  apply: ({ apiGateway }, { RestApiId: restApiId, StageName: stageName, MethodSettings }) =>
    apiGateway.send(
      new UpdateStageCommand({
        restApiId,
        stageName,
        patchOperations: MethodSettings.filter(isThrottled).flatMap(toPatches),
      }),
    ),
});

function toPatches(row: Setting) {
  const path =
    row.ResourcePath === '/*' ? '*' : encoded(decoded(row.ResourcePath).replace(/^\/+/, '/'));
  const limits = { rateLimit: row.ThrottlingRateLimit, burstLimit: row.ThrottlingBurstLimit };
  return Object.entries(limits).flatMap(([limit, value]) =>
    value === undefined
      ? []
      : [
          {
            op: 'replace' as const,
            path: `/${path}/${row.HttpMethod}/throttling/${limit}`,
            value: String(value),
          },
        ],
  );
}
