import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

import { Agent, fetch, type RequestInit } from 'undici';

import { type UpstreamName } from '../../src/core/upstream/connections';
import { type Endpoint } from '../../src/core/upstream/fetchTransport';
import { usageError } from '../exit';
import { contentOf, secretIn, type UpstreamTexts, variableOf } from './upstreamSettings';

/** How an upstream is reached, and what of that nobody may see. */
export interface OpenedEndpoint {
  endpoint: Endpoint;
  secrets: string[];
  /** For people: address, user and tenant. */
  description: string;
  close(): Promise<void>;
}

/** Undefined where no address is given. Throws a told error that names what is wrong, never a secret. */
export function openEndpoint(upstream: UpstreamName, texts: UpstreamTexts): OpenedEndpoint | undefined {
  if (texts.url === undefined) {
    const [other] = Object.keys(texts);
    if (other !== undefined) {
      throw usageError(`${upstream} has no address, though its ${other} is set; set ${variableOf(upstream, 'URL')}`);
    }
    return undefined;
  }
  const url = addressOf(upstream, texts.url);
  const { authorization, secrets } = authenticationOf(upstream, texts);
  const headers = {
    ...(authorization && { Authorization: authorization }),
    ...(texts.tenant && { 'X-Scope-OrgID': headerText(texts.tenant, `the tenant of ${upstream}`) }),
  };
  const agent = new Agent({ connect: { ca: authoritiesOf(upstream, texts.caFile) } });
  const send = (address: string, init: globalThis.RequestInit) =>
    fetch(address, { ...(init as RequestInit), dispatcher: agent }) as unknown as Promise<Response>;
  const who = [
    ...(texts.username ? [`user ${texts.username}`] : []),
    ...(authorization?.startsWith('Bearer') ? ['a token'] : []),
    ...(texts.tenant ? [`tenant ${texts.tenant}`] : []),
  ];
  return {
    endpoint: { url, headers, fetch: send },
    secrets,
    description: who.length > 0 ? `${url} (${who.join(', ')})` : url,
    close: () => agent.destroy(),
  };
}

/** What `fetch` would quote when it refuses an address is never shown: it may hold a password. */
function addressOf(upstream: UpstreamName, given: string): string {
  let url: URL;
  try {
    url = new URL(given.trim());
  } catch {
    throw usageError(`the address of ${upstream} is not a URL such as https://logs.example.org`);
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      `the address of ${upstream} holds a user or a password; take them out, and set ${variableOf(upstream, 'USERNAME')} and ${variableOf(upstream, 'PASSWORD')} or ${variableOf(upstream, 'PASSWORD_FILE')}`
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw usageError(`the address of ${upstream} must begin with http:// or https://`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw usageError(`the address of ${upstream} must be the root of its API, without ? and #`);
  }
  return url.href.replace(/\/+$/, '');
}

function authenticationOf(upstream: UpstreamName, texts: UpstreamTexts): { authorization?: string; secrets: string[] } {
  const passwords = [texts.password, texts.passwordFile].filter(Boolean).length;
  const tokens = [texts.token, texts.tokenFile].filter(Boolean).length;
  if (passwords + tokens > 1) {
    throw usageError(`${upstream} has several secrets; set one of password, password file, token and token file`);
  }
  if (tokens === 1) {
    if (texts.username !== undefined) {
      throw usageError(`${upstream} has a user and a token; a user goes with a password`);
    }
    const token = headerText(
      texts.token ?? secretIn(texts.tokenFile ?? '', `the token file of ${upstream}`),
      `the token of ${upstream}`
    );
    return { authorization: `Bearer ${token}`, secrets: [token] };
  }
  if (passwords === 0) {
    if (texts.username !== undefined) {
      throw usageError(`${upstream} has a user, but no password; set ${variableOf(upstream, 'PASSWORD')}`);
    }
    return { secrets: [] };
  }
  if (texts.username === undefined) {
    throw usageError(`${upstream} has a password, but no user; set ${variableOf(upstream, 'USERNAME')}`);
  }
  const password = texts.password ?? secretIn(texts.passwordFile ?? '', `the password file of ${upstream}`);
  const encoded = Buffer.from(`${texts.username}:${password}`, 'utf8').toString('base64');
  return { authorization: `Basic ${encoded}`, secrets: [password, encoded] };
}

/** A header that is none would be quoted in an error. */
function headerText(text: string, what: string): string {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text)) {
    throw usageError(`${what} holds characters that a header of HTTP cannot have, such as a line end`);
  }
  return text;
}

/** The authorities of the file beside those that Node knows; undefined for these alone. */
function authoritiesOf(upstream: UpstreamName, file: string | undefined): string[] | undefined {
  if (file === undefined) {
    return undefined;
  }
  const setting = `the CA file of ${upstream}`;
  const certificates = contentOf(file, setting).match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g);
  if (!certificates?.every(isCertificate)) {
    throw usageError(`${setting}: ${file} holds no certificates in PEM form`);
  }
  return [...rootCertificates, ...certificates];
}

function isCertificate(pem: string): boolean {
  try {
    return Boolean(new X509Certificate(pem));
  } catch {
    return false;
  }
}
