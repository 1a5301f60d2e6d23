import { type Context, optionalText, wholeNumber } from './context';

/** How the outside world reaches the HTTP API. */
export interface EdgeChoices {
  /** Requests a second that the API lets through, all callers together, and how many at once beyond. */
  readonly rate: number;
  readonly burst: number;
  /** The charity's own name for the API; AWS's name where it is absent. */
  readonly domain?: OwnDomain;
  /** CloudFront, which serves the pages and alone reaches the API. */
  readonly cdn?: CdnChoices;
}

/** A domain and its certificate in the API's region. */
export interface OwnDomain {
  readonly name: string;
  readonly certificateArn: string;
}

/** What CloudFront needs to stand in front of the API, so that nobody gets past it. */
export interface CdnChoices {
  /** Certificate of the domain in us-east-1, where CloudFront reads it. */
  readonly certificateArn: string;
  /** Client certificate in us-east-1, by which the API knows CloudFront. */
  readonly clientCertificateArn: string;
  /** Where the certificate authority of that client certificate lies in S3. */
  readonly truststore: { readonly bucket: string; readonly key: string };
  /** Web access control list in us-east-1, such as that of the stack `web_acl_stack` builds. */
  readonly webAclArn: string;
}

/** Below the account's own 10,000 a second (API Gateway quotas), which every API of the account shares. */
const RATE = '2000/4000';
/** Context keys that must be given together, with the shape of each. */
const CDN_KEYS = {
  cdn_certificate: {
    shape: /^arn:[a-z-]+:acm:us-east-1:\d{12}:\S+$/,
    means: 'the ARN of a certificate in us-east-1',
  },
  cdn_client_certificate: {
    shape: /^arn:[a-z-]+:acm:us-east-1:\d{12}:\S+$/,
    means: 'the ARN of a certificate in us-east-1',
  },
  truststore: { shape: /^s3:\/\/[a-z0-9.-]+\/\S+$/, means: 's3://BUCKET/KEY' },
  web_acl: {
    shape: /^arn:[a-z-]+:wafv2:us-east-1:\d{12}:global\/\S+$/,
    means: 'the ARN of a web ACL for CloudFront',
  },
} as const;

/** Every context key that is read here. */
export const EDGE_KEYS = ['api_rate', 'certificate', 'domain', ...Object.keys(CDN_KEYS)];

/** @throws Error that names the context key and the rule it breaks */
export function readEdge(context: Context): EdgeChoices {
  const given = optionalText(context, 'api_rate', /^\d+\/\d+$/, 'RATE/BURST') ?? RATE;
  const [rate, burst] = given.split('/');
  const domain = readDomain(context);
  const cdn = readCdn(context);
  if (cdn !== undefined && domain === undefined) {
    throw new Error('context domain: is needed for CloudFront, which the API knows under that name alone');
  }
  return {
    rate: wholeNumber('api_rate', rate, 1),
    burst: wholeNumber('api_rate', burst, 1),
    domain,
    cdn,
  };
}

function readDomain(context: Context): OwnDomain | undefined {
  const name = optionalText(context, 'domain', /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain name');
  const certificateArn = optionalText(
    context,
    'certificate',
    /^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:\S+$/,
    "the ARN of a certificate in the API's region",
  );
  if (name === undefined && certificateArn === undefined) {
    return undefined;
  }
  if (name === undefined || certificateArn === undefined) {
    throw new Error('context domain, certificate: are given together or not at all');
  }
  return { name, certificateArn };
}

function readCdn(context: Context): CdnChoices | undefined {
  const [certificateArn, clientCertificateArn, truststore, webAclArn] = Object.entries(CDN_KEYS).map(
    ([key, { shape, means }]) => optionalText(context, key, shape, means),
  );
  const all = [certificateArn, clientCertificateArn, truststore, webAclArn];
  if (all.every((each) => each === undefined)) {
    return undefined;
  }
  if (!certificateArn || !clientCertificateArn || !truststore || !webAclArn) {
    throw new Error(`context ${Object.keys(CDN_KEYS).join(', ')}: are given together or not at all`);
  }
  const [, , bucket = '', ...key] = truststore.split('/');
  return { certificateArn, clientCertificateArn, truststore: { bucket, key: key.join('/') }, webAclArn };
}
