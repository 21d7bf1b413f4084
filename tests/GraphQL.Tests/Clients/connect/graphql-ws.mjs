import { createClient } from 'graphql-ws';

/** Everything over one WebSocket, opened when it is needed and again when it breaks. */
export const connect = (url, token) =>
  createClient({
    url: url.replace(/^http/, 'ws'),
    // Asked anew for each connection: a token that was replaced counts from the next one on.
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    retryAttempts: Infinity,
    // The library's own pause doubles without a bound; and not all clients of a server that went come back at once.
    retryWait: retries => new Promise(again => setTimeout(again, Math.min(1000 * 2 ** retries, 15_000) * (0.5 + Math.random()))),
    // A connection that was lost; not a token that was refused, nor a mistake of ours.
    shouldRetry: failure => failure?.code !== undefined && failure.code !== 4403,
    keepAlive: 10_000,
  });
