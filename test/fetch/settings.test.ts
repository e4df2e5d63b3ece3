import { describe, expect, test } from 'vitest';
import { hasProxy, trustAuthorities } from '#fetch/settings.ts';
import { readAuthorization } from '#fetch/sources/https/settings.ts';
import { readS3Settings } from '#fetch/sources/s3/settings.ts';

const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' };

describe('settings that are wrong are refused at once, by their names', () => {
  test.each([
    {
      name: 'an endpoint without a scheme',
      env: { AWS_ENDPOINT_URL: 'minio:9000' },
      want: 'AWS_ENDPOINT_URL is "minio:9000", without a scheme: write http://minio:9000 or https://minio:9000.',
    },
    {
      name: 'an endpoint of another kind',
      env: { AWS_ENDPOINT_URL_S3: 'ftp://u:hidden@x' },
      want: 'AWS_ENDPOINT_URL_S3 is no URL of a server: write one such as https://minio.example:9000.',
    },
    {
      name: 'an endpoint with a query',
      env: { AWS_ENDPOINT_URL: 'https://x?a=hidden' },
      want: 'AWS_ENDPOINT_URL has a query or a fragment: write the address of the server alone.',
    },
    {
      name: 'half of the credentials',
      env: { AWS_SECRET_ACCESS_KEY: 'hidden' },
      want: 'AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not: set both.',
    },
    {
      name: 'a line break within a key',
      env: { ...keys, AWS_SECRET_ACCESS_KEY: 'hidden\nhidden' },
      want: 'AWS_SECRET_ACCESS_KEY holds a space or a line break: write its value alone.',
    },
    {
      name: 'a region that is none',
      env: { AWS_REGION: 'eu_west' },
      want: 'AWS_REGION is "eu_west": write the name of a region, such as eu-central-1.',
    },
    {
      name: 'neither true nor false',
      env: { AWS_S3_FORCE_PATH_STYLE: 'yes' },
      want: 'AWS_S3_FORCE_PATH_STYLE is "yes": write true or false.',
    },
    {
      name: 'neither true nor false',
      env: { AWS_NO_SIGN_REQUEST: '1' },
      want: 'AWS_NO_SIGN_REQUEST is "1": write true or false.',
    },
  ])('$name', ({ env, want }) => {
    expect(() => readS3Settings(env)).toThrow(expect.objectContaining({ message: want, retryable: false }));
  });

  test('flags, too', () => {
    expect(() => readS3Settings({}, { endpoint: 'minio:9000' })).toThrow('--endpoint is "minio:9000"');
    expect(() => readS3Settings({}, { region: 'a b' })).toThrow('--region holds a space');
  });

  test('a proxy, the header of https and files of certificates, too', () => {
    expect(() => hasProxy({ HTTPS_PROXY: 'proxy:3128' })).toThrow('write http://proxy:3128 or https://');
    expect(() => readAuthorization({ DORMOUSE_HTTP_AUTHORIZATION: 'Bearer a\nb' })).toThrow('on one line.');
    expect(() => trustAuthorities({ NODE_EXTRA_CA_CERTS: '/none' })).toThrow('cannot read /none');
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    expect(() => trustAuthorities({ DORMOUSE_CA_CERTIFICATES: damaged })).toThrow('a damaged certificate');
  });
});

describe('settings that are read', () => {
  test('without the space around them that keys of Secrets have', () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'id\n',
      AWS_SECRET_ACCESS_KEY: ' key\r\n',
      AWS_SESSION_TOKEN: 'token\n',
      AWS_ENDPOINT_URL: 'http://minio:9000/\n',
      AWS_REGION: 'eu-central-1\n',
    };
    expect(readS3Settings(env)).toEqual({
      endpoint: 'http://minio:9000',
      region: 'eu-central-1',
      pathStyle: true,
      anonymous: false,
      credentials: { accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'token' },
      unread: [],
    });
    expect(readAuthorization({ DORMOUSE_HTTP_AUTHORIZATION: 'Bearer x\n' })).toBe('Bearer x');
    expect(hasProxy({ https_proxy: 'http://proxy:3128\n' })).toBe(true);
    expect(hasProxy({ https_proxy: '' })).toBe(false);
  });

  test('a flag before the variable of S3 before the variable of all of AWS', () => {
    const env = { AWS_ENDPOINT_URL_S3: 'http://s3', AWS_ENDPOINT_URL: 'http://all', AWS_REGION: 'one' };
    expect(readS3Settings(env, { endpoint: 'http://flag', region: 'two' })).toMatchObject({
      endpoint: 'http://flag',
      region: 'two',
    });
    expect(readS3Settings(env)).toMatchObject({ endpoint: 'http://s3', region: 'one' });
    expect(readS3Settings({})).toMatchObject({ pathStyle: false });
  });

  test('names of other tools are noted, those of the cluster are not', () => {
    const env = {
      accesskey: 'a',
      secretkey: 'b',
      AWS_ACCESS_KEY: 'c',
      MINIO_ROOT_USER: 'd',
      SECRETS_PORT_9000_TCP: 'e',
      HOME: '/',
    };
    expect(readS3Settings(env).unread).toEqual([
      'AWS_ACCESS_KEY',
      'MINIO_ROOT_USER',
      'accesskey',
      'secretkey',
    ]);
  });
});
