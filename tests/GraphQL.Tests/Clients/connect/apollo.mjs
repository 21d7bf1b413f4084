import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { OperationTypeNode } from 'graphql';

/** Sends queries by hash with GET, mutations with POST, and subscriptions over a WebSocket. */
export function connect(url, token, fetch = globalThis.fetch) {
  const headers = { authorization: `Bearer ${token}` };
  const http = new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new HttpLink({ uri: url, headers, fetch }));
  const socket = new GraphQLWsLink(createClient({ url: url.replace(/^http/, 'ws'), connectionParams: () => headers }));
  const isSubscription = operation => operation.operationType === OperationTypeNode.SUBSCRIPTION;
  return new ApolloClient({ link: ApolloLink.split(isSubscription, socket, http), cache: new InMemoryCache() });
}

async function sha256(text) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
