import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
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
  /** Where the API answers, as in `https://<id>.execute-api.<region>.amazonaws.com`. */
  readonly url: string;
  private readonly api: HttpApi;
  private readonly iam = new HttpIamAuthorizer();

  constructor(scope: Construct, id: string, apiName: string) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { apiName, createDefaultStage: false });
    this.url = this.api.apiEndpoint;
    const logGroup = new LogGroup(this, 'AccessLogs', {
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  /**
   * Sends what comes in on the routes to the function. Who may sign a request for a route is a matter of
   * the callers' own policies (`execute-api:Invoke`), which the account's administrators write.
   */
  route(name: string, target: PipelineFunction, routes: readonly RouteSpec[]): void {
    const integration = new HttpLambdaIntegration(constructId(name), target.function);
    const reason = OPEN_TO_ALL[name];
    for (const { method, path, authorisation } of routes) {
      const authorizer = authorisation === 'iam' ? this.iam : undefined;
      const methods = [HttpMethod[method]];
      for (const route of this.api.addRoutes({ path, methods, integration, authorizer })) {
        if (reason !== undefined && authorizer === undefined) {
          Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
        }
      }
    }
  }
}
