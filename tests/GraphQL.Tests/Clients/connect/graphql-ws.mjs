import { createClient } from 'graphql-ws';

/** Everything over one WebSocket, opened when it is needed and again when it breaks. */
export const connect = (url, token) =>
  createClient({
    url: url.replace(/^http/, 'ws'),
    // Asked anew for each connection: a token that was replaced counts from the next one on.
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    retryAttempts: Infinity,
    // A connection that was lost; not a token that was refused, nor a mistake of ours.
    shouldRetry: failure => failure?.code !== undefined && failure.code !== 4403,
    keepAlive: 10_000,
  });
