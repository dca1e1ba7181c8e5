/** The throttle of a stage and of its methods, set by the API and by CloudFormation. */
import { type PatchOperation, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import { createApi, stageName, stageUrl } from '../../lab/api.ts';
import type { Lab } from '../../lab.ts';
import type { Finding, Probe } from '../../probe.ts';
import { call, expectStatus, onlyStatuses, tallyOf } from '../calls.ts';
import { mockMethod, restApi } from './template.ts';

const limits = { rate: 1, burst: 2 };
const calls = 20;

/** Many calls at once to a method under the limits. The throttle is given a moment to be known. */
async function throttled(lab: Lab, url: string): Promise<Finding> {
  const tryAll = async (): Promise<readonly number[]> =>
    Promise.all(Array.from({ length: calls }, async () => (await call(url)).status));
  let last: readonly number[] = [];
  const refused = await lab.eventually(
    async () => {
      last = await tryAll();
      onlyStatuses(last, [200, 429]);
      return last.includes(429);
    },
    { withinMs: 2_000, everyMs: 500 },
  );
  const letIn = last.filter((status) => status === 200).length;
  return {
    does: refused === true && letIn < calls / 2,
    saw: `of ${calls} at once with a burst of ${limits.burst}: ${tallyOf(last)}`,
  };
}

const patches = (path: string): PatchOperation[] => [
  { op: 'replace', path: `${path}/throttling/rateLimit`, value: String(limits.rate) },
  { op: 'replace', path: `${path}/throttling/burstLimit`, value: String(limits.burst) },
];

/** @param path of the setting, with the slashes of a resource as `~1`. */
const throttledBy =
  (path: string): Probe =>
  async (lab) => {
    const api = await createApi(lab);
    await api.addMethod({ path: '/throttled', behind: 'the gateway itself' });
    const url = await api.deploy();
    await expectStatus(200, `${url}/throttled`);
    await lab.clients.apiGateway.send(
      new UpdateStageCommand({ restApiId: api.id, stageName, patchOperations: patches(path) }),
    );
    return throttled(lab, `${url}/throttled`);
  };

const throttleDeployed: Probe = async (lab) => {
  const stack = await lab.deployStack({
    resources: restApi({
      name: lab.name('api'),
      methods: { Throttled: mockMethod('throttled'), Free: mockMethod('free') },
      stage: {
        MethodSettings: [
          {
            ResourcePath: '/~1throttled',
            HttpMethod: 'GET',
            ThrottlingRateLimit: limits.rate,
            ThrottlingBurstLimit: limits.burst,
          },
        ],
      },
    }),
  });
  const url = stageUrl(lab.endpoint, stack.physicalId('Api'));
  const free = await Promise.all(Array.from({ length: calls }, () => call(`${url}/free`)));
  onlyStatuses(
    free.map(({ status }) => status),
    [200],
  );
  return throttled(lab, `${url}/throttled`);
};

export const stageProbes = {
  'stage-throttle': throttledBy('/*/*'),
  'method-throttle': throttledBy('/~1throttled/GET'),
  'stage-throttle-deployed': throttleDeployed,
};
