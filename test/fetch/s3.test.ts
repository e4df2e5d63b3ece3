import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { failureOf, fetchInto, temporaryFolder } from '../support/fetching.ts';

// What AWS answers and no S3 server that can be had here does.

type Handler = (request: IncomingMessage, response: ServerResponse, region: string) => void;

/** A server whose handler gets the region that the request is signed for; and what it was asked. */
async function serveS3(handler: Handler) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    asked.push(`${request.method} ${region}`);
    handler(request, response, region);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked };
}

const envOf = (url: string) => ({
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'key',
});
const uri = 's3://models/iris.joblib';
const body = (code: string, message: string, more = ''): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;

const content = 'joblib';
const serveObject: Handler = (request, response) => {
  response.setHeader('etag', '"one"');
  response.setHeader('content-length', content.length);
  if (request.headers.range) {
    response.statusCode = 206;
    response.setHeader('content-range', `bytes 0-${content.length - 1}/${content.length}`);
  }
  response.end(request.method === 'HEAD' ? undefined : content);
};

describe('what S3 says reaches the user, though HEAD says nothing', () => {
  test.each([
    {
      status: 403,
      code: 'ExpiredToken',
      message: 'The provided token has expired.',
      want: /403 ExpiredToken: The provided token has expired\): renew/,
    },
    {
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: 'The difference is too large.',
      want: /set the clock/,
    },
    {
      status: 403,
      code: 'AccessDenied',
      message: 'User x is not authorized to perform: kms:Decrypt',
      want: /kms:Decrypt\): allow kms:Decrypt/,
    },
    {
      status: 403,
      code: 'AccessDenied',
      message: 'Access Denied',
      want: /access is denied \(403 AccessDenied: Access Denied\): check the credentials/,
    },
    {
      status: 403,
      code: 'InvalidObjectState',
      message: 'Not valid for the storage class',
      want: /restore the object from its archive/,
    },
    {
      status: 403,
      code: 'InvalidAccessKeyId',
      message: 'Does not exist',
      want: /check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    },
    {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      message: 'the region is wrong',
      want: /the region is wrong\): set AWS_REGION to eu-west-1\.$/,
    },
    {
      status: 301,
      code: 'PermanentRedirect',
      message: 'Use the endpoint',
      want: /301 PermanentRedirect: .*: set AWS_REGION/,
    },
  ])('$status $code', async ({ status, code, message, want }) => {
    const { url, asked } = await serveS3((request, response) => {
      response.statusCode = status;
      response.end(request.method === 'HEAD' ? '' : body(code, message, '<Region>eu-west-1</Region>'));
    });
    const error = await failureOf(fetchInto(await temporaryFolder(), uri, { env: envOf(url) }));
    expect(error).toMatchObject({ retryable: false, message: expect.stringMatching(want) });
    expect(asked).toHaveLength(2);
  });

  test('SlowDown is tried again', async () => {
    let count = 0;
    const { url } = await serveS3((request, response, region) => {
      if (request.method === 'HEAD' || count++ > 1) return serveObject(request, response, region);
      response.statusCode = 503;
      response.end(body('SlowDown', 'Please reduce your request rate.'));
    });
    const lines: string[] = [];
    await fetchInto(await temporaryFolder(), uri, { env: envOf(url), lines });
    expect(lines.join('\n')).toMatch(/503 SlowDown: Please reduce your request rate.*trying again/);
  });
});

test('a bucket of another region is asked for once, then all goes there', async () => {
  const { url, asked } = await serveS3((request, response, region) => {
    if (region === 'eu-west-1') return serveObject(request, response, region);
    response.writeHead(301, { 'x-amz-bucket-region': 'eu-west-1' }).end();
  });
  const folder = await temporaryFolder();
  await fetchInto(folder, uri, { env: envOf(url) });
  expect(await readFile(join(folder, 'iris.joblib'), 'utf8')).toBe(content);
  expect(asked).toEqual(['HEAD us-east-1', 'HEAD eu-west-1', 'GET eu-west-1']);
});

test('an object whose HEAD has no length is fetched whole', async () => {
  const { url } = await serveS3((request, response) => {
    response.setHeader('etag', '"one"');
    response.setHeader('transfer-encoding', 'chunked');
    response.end(request.method === 'HEAD' ? undefined : content);
  });
  const folder = await temporaryFolder();
  await fetchInto(folder, uri, { env: envOf(url) });
  expect(await readFile(join(folder, 'iris.joblib'), 'utf8')).toBe(content);
});

describe('no server', () => {
  const env = envOf('http://127.0.0.1:1');

  test('in a pod: the third failure ends the container, with what to check', async () => {
    const lines: string[] = [];
    const error = await failureOf(fetchInto(await temporaryFolder(), uri, { env, lines, place: 'Pod' }));
    expect(error.retryable).toBe(true);
    expect(error.messageIn('Pod')).toBe(
      `${uri} from http://127.0.0.1:1: no server answers at 127.0.0.1:1 (ECONNREFUSED); given up after 3 tries: check spec.model.endpoint, or AWS_ENDPOINT_URL in its Secret.`,
    );
    expect(lines).toHaveLength(2);
  });

  test('at the prompt: eight tries', async () => {
    const error = await failureOf(fetchInto(await temporaryFolder(), uri, { env }));
    expect(error.message).toMatch(/given up after 8 tries: check AWS_ENDPOINT_URL\.$/);
  });
});

test('a key that was encoded and is not there: nothing is decoded, and that is said', async () => {
  const { url } = await serveS3((request, response) => {
    if (request.method === 'HEAD') response.writeHead(404).end();
    else response.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
  });
  const error = await failureOf(
    fetchInto(await temporaryFolder(), 's3://models/My%20Model', { env: envOf(url) }),
  );
  expect(error.message).toMatch(/check the URI, and write the characters themselves: in a key nothing/);
});
