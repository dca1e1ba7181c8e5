/** Deployed resources, as their templates ask for them. */

/** A value of a template, references apart. */
export interface Resource {
  /** CloudFormation's name of the kind: `AWS::DynamoDB::Table`. */
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources?: Readonly<
    Record<
      string,
      { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }
    >
  >;
}

/**
 * The resources of a template. In their properties a `Ref` is the physical id of what it names, and
 * so is the `Arn` of a resource, whose ARN ends in that name; another attribute stands behind a dot
 * (`holdfast.RootResourceId`). Other functions stay as they are.
 *
 * @throws Error for a resource that was not deployed.
 */
export function toResources(
  { Resources = {} }: Template,
  physicalIds: ReadonlyMap<string, string>,
): readonly Resource[] {
  return Object.entries(Resources).map(([logicalId, { Type: type, Properties = {} }]) => {
    const physicalId = physicalIds.get(logicalId);
    if (physicalId === undefined) throw new Error(`${logicalId} (${type}) was not deployed`);
    return {
      type,
      physicalId,
      properties: resolved(Properties, physicalIds) as Resource['properties'],
    };
  });
}

function resolved(value: unknown, physicalIds: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((part) => resolved(part, physicalIds));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  if (typeof ref === 'string') return physicalIds.get(ref) ?? value;
  if (Array.isArray(attribute)) {
    const [of, name] = attribute as [string, string];
    const id = physicalIds.get(of);
    if (id === undefined) return value;
    return name === 'Arn' ? id : `${id}.${name}`;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, resolved(part, physicalIds)]),
  );
}

/** The last part of an ARN, a URL or a name: `order-process` of `arn:aws:sqs:…:order-process`. */
export const lastName = (text: string): string => text.split(/[/:]/).at(-1) ?? text;
