import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  type CfnStage,
  DomainName,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { EdgeChoices } from './edge-choices';
import { constructId } from './names';
import { LOG_RETENTION, type PipelineFunction } from './pipeline-function';
import type { RouteSpec } from './topology';

/**
 * Why a function's routes have no authoriser. A function that is not listed here fails the checks until
 * someone has thought about it, or IAM authorises its routes.
 */
const OPEN_TO_ALL: Readonly<Record<string, string>> = {
  'accept-donation':
    'Anyone may give: donors have no account to authorise with. The function refuses whatever breaks the ' +
    'contract, and its reserved concurrency bounds what a flood can reach.',
  'show-donation':
    'The status URL carries an unguessable capability, which the function checks before it reads anything ' +
    'out; without it the answer is 404.',
  'receive-webhook':
    'Providers sign each notification; the function verifies the signature with the secret it shares with ' +
    'the provider before it stores anything.',
};

/**
 * Operators make few requests: what is more than that is a script gone wrong, or a key gone astray. The
 * construct library takes these as they are, so they are written as CloudFormation has them.
 */
const OPERATOR_THROTTLE = { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 };

/**
 * What is logged of each request. The caller's address, the path and the query are left out: the first is
 * donors' data, the others hold the capability to see a donation.
 */
const ACCESS_LOG = {
  request_id: '$context.requestId',
  at: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  integration_milliseconds: '$context.integrationLatency',
  error: '$context.error.message',
};

/** The HTTP API in front of the functions that have routes. */
export class HttpFront extends Construct {
  /** Where the API answers: under the charity's own domain, or AWS's name for it. */
  readonly url: string;
  /** The charity's own domain, where there is one: its DNS record points to the regional name of this. */
  readonly domain?: DomainName;
  readonly api: HttpApi;
  private readonly stage: HttpStage;
  private readonly iam = new HttpIamAuthorizer();

  constructor(scope: Construct, id: string, apiName: string, edge: EdgeChoices) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName,
      createDefaultStage: false,
      // A second door beside the charity's own name would lead past CloudFront and its rules.
      disableExecuteApiEndpoint: edge.domain !== undefined,
    });
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: edge.rate, burstLimit: edge.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    this.domain = this.ownDomain(edge);
    this.url = edge.domain === undefined ? this.api.apiEndpoint : `https://${edge.domain.name}`;
  }

  /**
   * Sends what comes in on the routes to the function. Who may sign a request for a route is a matter of
   * the callers' own policies (`execute-api:Invoke`), which the account's administrators write.
   */
  route(name: string, target: PipelineFunction, routes: readonly RouteSpec[]): void {
    const integration = new HttpLambdaIntegration(constructId(name), target.live);
    const reason = OPEN_TO_ALL[name];
    for (const { method, path, authorisation } of routes) {
      const authorizer = authorisation === 'iam' ? this.iam : undefined;
      const methods = [HttpMethod[method]];
      for (const route of this.api.addRoutes({ path, methods, integration, authorizer })) {
        if (authorizer !== undefined) {
          this.throttleOperators(method, route);
        } else if (reason !== undefined) {
          Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
        }
      }
    }
  }

  private throttleOperators(method: string, route: HttpRoute): void {
    const stage = this.stage.node.defaultChild as CfnStage;
    stage.routeSettings = { ...stage.routeSettings, [`${method} ${route.path}`]: OPERATOR_THROTTLE };
    stage.node.addDependency(route);
  }

  private ownDomain({ domain, cdn }: EdgeChoices): DomainName | undefined {
    if (domain === undefined) {
      return undefined;
    }
    const made = new DomainName(this, 'Domain', {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      // CloudFront shows a certificate that nobody else has.
      mtls: cdn && {
        bucket: Bucket.fromBucketName(this, 'Truststore', cdn.truststore.bucket),
        key: cdn.truststore.key,
      },
    });
    new ApiMapping(this, 'Mapping', { api: this.api, domainName: made, stage: this.stage });
    return made;
  }
}
