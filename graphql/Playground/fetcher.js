import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

// The page is served by the end point itself, so its own address is the address of the API.
const url = location.origin + location.pathname;

/** Queries and mutations go over HTTP, subscriptions over a WebSocket to the same address. */
export function createFetcher(token, tokenRequired) {
  if (tokenRequired && !token) return askForToken;
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  return createGraphiQLFetcher({
    url,
    enableIncrementalDelivery: false,
    fetch: (address, init) => fetch(address, { ...init, headers: { ...init.headers, ...authorization } }),
    wsClient: createClient({ url: url.replace(/^http/, 'ws'), connectionParams: authorization, lazy: true, retryAttempts: 3 }),
  });
}

// Asking the server would only bring a 401 into the console.
async function askForToken() {
  return { errors: [{ message: 'Type the administrator token above first.' }] };
}
