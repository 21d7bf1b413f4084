import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient } from 'graphql-ws';

/** Sends queries by hash with GET, mutations with POST, and subscriptions over a WebSocket. */
export function connect(url, token, fetch = globalThis.fetch) {
  const headers = { authorization: `Bearer ${token}` };
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: () => headers });
  return new Client({
    url,
    fetch,
    fetchOptions: () => ({ headers }),
    preferGetMethod: false,
    exchanges: [
      persistedExchange({ preferGetForPersistedQueries: true }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: sink => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}
