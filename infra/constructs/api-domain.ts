/** A name of one's own for the API. */
import { CfnBasePathMapping, CfnDomainName, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Stack, Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { CustomDomain } from '../stage-options.ts';

export interface ApiDomainProps extends CustomDomain {
  readonly api: RestApi;
}

export class ApiDomain extends Construct {
  /** With a slash at its end. */
  readonly url: string;
  /** What the name has to point at. */
  readonly target: string;

  /** @throws RangeError for a certificate of another region, which API Gateway cannot use. */
  constructor(
    scope: Construct,
    id: string,
    { api, name, certificateArn, basePath, hostedZoneId }: ApiDomainProps,
  ) {
    super(scope, id);
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region) && certificateArn.split(':')[3] !== region)
      throw new RangeError(`domainCertificate must be in ${region}, got '${certificateArn}'`);
    const domain = new CfnDomainName(this, 'name', {
      domainName: name,
      regionalCertificateArn: certificateArn,
      endpointConfiguration: { types: ['REGIONAL'] },
      securityPolicy: 'TLS_1_2',
    });
    new CfnBasePathMapping(this, 'mapping', {
      domainName: domain.ref,
      restApiId: api.restApiId,
      stage: api.deploymentStage.stageName,
      ...(basePath !== undefined && { basePath }),
    });
    this.target = domain.attrRegionalDomainName;
    this.url = `https://${[name, basePath].filter(Boolean).join('/')}/`;
    if (hostedZoneId === undefined) return;
    new CfnRecordSet(this, 'record', {
      hostedZoneId,
      name,
      type: 'A',
      aliasTarget: { dnsName: this.target, hostedZoneId: domain.attrRegionalHostedZoneId },
    });
  }
}
