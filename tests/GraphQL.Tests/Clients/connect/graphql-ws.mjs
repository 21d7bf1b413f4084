import { createClient } from 'graphql-ws';

/** Uses one WebSocket for all operations: opens it when needed and reconnects when it breaks. */
export const connect = (url, token) =>
  createClient({
    url: url.replace(/^http/, 'ws'),
    // Called for each new connection, so a replaced token applies from the next connection on.
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    retryAttempts: Infinity,
    // The library's own backoff is unlimited. Jitter prevents all clients of a stopped server from reconnecting at the same time.
    retryWait: retries => new Promise(resolve => setTimeout(resolve, Math.min(1000 * 2 ** retries, 15_000) * (0.5 + Math.random()))),
    // Retry lost connections, but not rejected tokens and client errors.
    shouldRetry: failure => failure?.code !== undefined && failure.code !== 4403,
    keepAlive: 10_000,
  });
