import { createClient } from 'graphql-ws';

/** Everything over one WebSocket, opened when it is needed and again when it breaks. */
export const connect = (url, token) =>
  createClient({
    url: url.replace(/^http/, 'ws'),
    // Asked anew for each connection: a token that was replaced counts from the next one on.
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    retryAttempts: Infinity,
    shouldRetry: () => true,
    keepAlive: 10_000,
  });
