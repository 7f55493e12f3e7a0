import { UpstreamError } from '../../src/core/upstream/errors';
import { errorOfFetch } from '../../src/core/upstream/transport';
import { explainByAddress } from './explain';

const failed = (message: string) => errorOfFetch({ message: `fetch failed: ${message}` });
const answered = (status: number, data = 'said so') => errorOfFetch({ status, statusText: '', data });

it.each<[unknown, RegExp]>([
  [
    failed('connect ECONNREFUSED 127.0.0.1:3100'),
    /^nothing listens at the address of Loki; check OSCAR_LOKI_URL.*ECONNREFUSED/,
  ],
  [failed('ECONNREFUSED'), /^nothing listens at the address of Loki/],
  [failed('bad port'), /^the port of Loki is one of another protocol/],
  [failed('getaddrinfo ENOTFOUND logs'), /^the host of Loki is not known; check OSCAR_LOKI_URL and the DNS/],
  [failed('Connect Timeout Error'), /^the host of Loki does not respond/],
  [
    failed('self-signed certificate in certificate chain'),
    /^the certificate of Loki is not trusted.*OSCAR_LOKI_CA_FILE/,
  ],
  [failed('unable to verify the first certificate'), /OSCAR_LOKI_CA_FILE/],
  [failed("Hostname/IP does not match certificate's altnames"), /the name of the host/],
  [failed('write EPROTO ... wrong version number'), /does not speak TLS there/],
  [
    answered(401),
    /^Loki rejects the credentials; check OSCAR_LOKI_USERNAME .*OSCAR_LOKI_TENANT \[HTTP 401: said so\]$/,
  ],
  [answered(403), /^Loki denies access; .*OSCAR_LOKI_TENANT/],
  [answered(404), /^no Loki API at its address; check OSCAR_LOKI_URL/],
  [answered(429), /^Loki rejects requests because there are too many/],
  [answered(502), /^Loki is down/],
  [answered(504), /^Loki did not respond in time/],
  [answered(400, 'parse error'), /^Loki failed to answer: HTTP 400: parse error$/],
  [new UpstreamError('malformed', 'a page'), /^the server at the address is not Loki/],
  [
    new UpstreamError('configuration', 'no address of a Loki is given'),
    /^no address of a Loki is given; set OSCAR_LOKI_URL$/,
  ],
])('%s', (error, text) => {
  expect(explainByAddress('Loki', error)).toMatch(text);
});

it('names the variables of each upstream', () => {
  expect(explainByAddress('Prometheus', answered(401))).toContain('OSCAR_PROMETHEUS_PASSWORD');
});
