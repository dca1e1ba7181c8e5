/**
 * The intake of a stage: the gateway's mutating methods. Closed, a method has a throttle of its own
 * with rate and burst 0, and answers 429 `rate-limited`; opened, it has none, and the stage's counts
 * again. What is closed stands in the gateway alone, so whoever looks there knows what to undo.
 */
import {
  type APIGatewayClient,
  GetRestApisCommand,
  GetStagesCommand,
  type PatchOperation,
  UpdateStageCommand,
} from '@aws-sdk/client-api-gateway';
import { resourceName, type Stage } from '#functions/tables/names.ts';
import { type RouteRow, routes } from '#functions/tables/routes.ts';

export interface Intake {
  /** The mutating methods that are let in, as `POST /orders`. */
  open(): Promise<readonly string[]>;
  /** Those that are not. */
  closed(): Promise<readonly string[]>;
  closeAll(): Promise<void>;
  openAll(): Promise<void>;
}

const mutating: readonly RouteRow[] = Object.values<RouteRow>(routes).filter(
  ({ method }) => method !== 'GET',
);

const nameOf = ({ method, path }: RouteRow): string => `${method} ${path}`;

/** A path in a path: `~1` stands for its slashes (RFC 6901, section 3). */
const pointerTo = ({ method, path }: RouteRow): string =>
  `/${path.replaceAll('/', '~1')}/${method}`;

/** As a stage names its settings: with `~1` or `/`, with the first one or without. */
const settingNamed = ({ method, path }: RouteRow, key: string): boolean =>
  key.replaceAll('~1', '/').replace(/^\/+/, '') === `${path.replace(/^\/+/, '')}/${method}`;

export function gatewayIntake(client: APIGatewayClient, stage: Stage): Intake {
  /** Of the API that is deployed: routes that the stage does not have cannot be set. */
  async function target() {
    const name = resourceName(stage, 'api');
    const { items: apis = [] } = await client.send(new GetRestApisCommand({ limit: 500 }));
    const restApiId = apis.find((api) => api.name === name)?.id;
    if (!restApiId) throw new Error(`there is no API ${name}`);
    const { item = [] } = await client.send(new GetStagesCommand({ restApiId }));
    const [deployed] = item;
    if (!deployed?.stageName) throw new Error(`API ${name} has no stage`);
    return { restApiId, stageName: deployed.stageName, settings: deployed.methodSettings ?? {} };
  }

  async function patch(patchOperations: PatchOperation[]): Promise<void> {
    if (patchOperations.length === 0) return;
    const { restApiId, stageName } = await target();
    await client.send(new UpdateStageCommand({ restApiId, stageName, patchOperations }));
  }

  async function shut(): Promise<readonly RouteRow[]> {
    const { settings } = await target();
    return mutating.filter((row) =>
      Object.entries(settings).some(
        ([key, { throttlingRateLimit, throttlingBurstLimit }]) =>
          settingNamed(row, key) && throttlingRateLimit === 0 && throttlingBurstLimit === 0,
      ),
    );
  }

  return {
    async open() {
      const closed = await shut();
      return mutating.filter((row) => !closed.includes(row)).map(nameOf);
    },
    async closed() {
      return (await shut()).map(nameOf);
    },
    closeAll: () =>
      patch(
        mutating.flatMap((row) =>
          ['rateLimit', 'burstLimit'].map((limit) => ({
            op: 'replace' as const,
            path: `${pointerTo(row)}/throttling/${limit}`,
            value: '0',
          })),
        ),
      ),
    async openAll() {
      await patch((await shut()).map((row) => ({ op: 'remove' as const, path: pointerTo(row) })));
    },
  };
}
