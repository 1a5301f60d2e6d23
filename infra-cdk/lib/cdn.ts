import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  type CfnDistribution,
  Distribution,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { CdnChoices } from './edge-choices';

/** What CloudFront stands in front of. */
export interface CdnProps {
  readonly choices: CdnChoices;
  /** The name that donors use, and the API's own domain under the same name. */
  readonly domainName: string;
  readonly api: DomainName;
  /** The API's paths as the topology writes them; every other path is a page. */
  readonly paths: readonly string[];
}

/**
 * CloudFront in front of everything: static pages from a bucket of their own, and the API, which nobody else
 * reaches. It shows the API a client certificate, and tells it the donor's address in a header that it sets
 * itself.
 */
export class Cdn extends Construct {
  /** Where the static pages go. */
  readonly pages: Bucket;
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, { choices, domainName, api, paths }: CdnProps) {
    super(scope, id);
    this.pages = this.pagesBucket();
    const firstWords = new Set(paths.map((path) => `/${path.split('/')[1]}`));
    const toApi = this.apiBehaviour(api);
    this.distribution = new Distribution(this, 'Distribution', {
      domainNames: [domainName],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', choices.certificateArn),
      webAclId: choices.webAclArn,
      defaultRootObject: 'index.html',
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(this.pages),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
      },
      additionalBehaviors: Object.fromEntries(
        [...firstWords].flatMap((word) => [
          [word, toApi],
          [`${word}/*`, toApi],
        ]),
      ),
    });
    this.showCertificate(choices);
    this.acknowledge();
  }

  private pagesBucket(): Bucket {
    const pages = new Bucket(this, 'Pages', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(pages).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'The bucket holds public pages, and CloudFront alone reads it: its log would name nobody else.',
    });
    return pages;
  }

  /** All goes on to the API: the `Host` that signed requests name, and CloudFront's own headers too. */
  private apiBehaviour(api: DomainName): BehaviorOptions {
    return {
      origin: new HttpOrigin(api.regionalDomainName, {
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [OriginSslPolicy.TLS_V1_2],
      }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022,
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    };
  }

  /** The construct library does not know clients' certificates for origins yet; the API is the second. */
  private showCertificate({ clientCertificateArn }: CdnChoices): void {
    (this.distribution.node.defaultChild as CfnDistribution).addPropertyOverride(
      'DistributionConfig.Origins.1.CustomOriginConfig.OriginMtlsConfig.ClientCertificateArn',
      clientCertificateArn,
    );
  }

  private acknowledge(): void {
    Validations.of(this.distribution).acknowledge(
      {
        id: 'AwsSolutions-CFR1',
        reason: 'A broadcast is watched abroad too, and whoever wants to give from there may.',
      },
      {
        id: 'AwsSolutions-CFR3',
        reason:
          'These logs would hold donors’ addresses and the capabilities in their status URLs; what is ' +
          'needed of a request is in the access log of the API, without either.',
      },
    );
  }
}
