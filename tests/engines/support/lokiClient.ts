import { from } from 'rxjs';

import { LokiClient } from '../../../src/core/upstream/loki';
import { type TransportRequest } from '../../../src/core/upstream/transport';

/** The product's client of a Loki, without a Grafana between them. */
export function lokiClientOf(url: string): LokiClient {
  const transport = ({ path, params }: TransportRequest) =>
    from(
      fetch(`${url}/${path}?${new URLSearchParams(params)}`).then(async (response) => {
        const text = await response.text();
        if (!response.ok) {
          throw new Error(text);
        }
        return JSON.parse(text) as unknown;
      })
    );
  return new LokiClient(transport, 'loki');
}
