/** What anybody may call without a key, and how often: the throttle of a stage holds for each method by itself. */
import type { CountedTemplate } from './idle.ts';

export interface KeylessMethod {
  readonly method: string;
  readonly path: string;
  readonly ratePerSecond: number;
}

interface Part {
  readonly PathPart: string;
  readonly ParentId?: { readonly Ref?: string };
}

interface Method {
  readonly HttpMethod: string;
  readonly ApiKeyRequired?: boolean;
  readonly ResourceId: { readonly Ref?: string };
}

interface Setting {
  readonly HttpMethod: string;
  /** `/~1orders~1{id}`, or `/*` for all. */
  readonly ResourcePath: string;
  readonly ThrottlingRateLimit?: number;
}

/** @throws RangeError for a method that no throttle holds. */
export function keylessMethods(templates: readonly CountedTemplate[]): readonly KeylessMethod[] {
  const resources = new Map(templates.flatMap(({ Resources = {} }) => Object.entries(Resources)));
  const all = <T>(type: string): readonly T[] =>
    [...resources.values()]
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties as T);
  const settings = all<{ readonly MethodSettings?: readonly Setting[] }>(
    'AWS::ApiGateway::Stage',
  ).flatMap(({ MethodSettings = [] }) => MethodSettings);

  const pathOf = ({ Ref = '' }: { readonly Ref?: string }): string => {
    const found = resources.get(Ref);
    if (found?.Type !== 'AWS::ApiGateway::Resource') return '';
    const { PathPart, ParentId = {} } = found.Properties as Part;
    return `${pathOf(ParentId)}/${PathPart}`;
  };
  const rateOf = (method: string, path: string): number => {
    const own = settings.find(
      (row) =>
        row.HttpMethod === method &&
        (row.ResourcePath.replaceAll('~1', '/').slice(1) || '/') === path,
    );
    const usual = settings.find((row) => row.HttpMethod === '*' && row.ResourcePath === '/*');
    const rate = own?.ThrottlingRateLimit ?? usual?.ThrottlingRateLimit;
    if (rate === undefined) throw new RangeError(`${method} ${path} has no throttle`);
    return rate;
  };
  return all<Method>('AWS::ApiGateway::Method')
    .filter(({ ApiKeyRequired }) => ApiKeyRequired !== true)
    .map(({ HttpMethod: method, ResourceId }) => {
      const path = pathOf(ResourceId) || '/';
      return { method, path, ratePerSecond: rateOf(method, path) };
    });
}
