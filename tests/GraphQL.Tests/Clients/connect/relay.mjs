import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';
import { createClient } from 'graphql-ws';

/** Sends queries and mutations with POST, and subscriptions over a WebSocket. */
export function connect(url, token) {
  const headers = { authorization: `Bearer ${token}` };
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: () => headers });
  const send = async ({ text }, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, accept: 'application/graphql-response+json', 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  };
  const subscribe = ({ text }, variables) => Observable.create(sink => socket.subscribe({ query: text, variables }, sink));
  return new Environment({ network: Network.create(send, subscribe), store: new Store(new RecordSource()) });
}
