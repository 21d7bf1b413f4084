import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

// The page is served by the end point itself, so its own address is the address of the API.
const url = location.origin + location.pathname;

/** Queries and mutations go over HTTP, subscriptions over a WebSocket to the same address. */
export function createFetcher(token, tokenRequired) {
  if (tokenRequired && !token) return askForToken;
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: authorization });
  return request => (isSubscription(request) ? socket.iterate(named(request)) : post(named(request), authorization));
}

// Asking the server would only bring a 401 into the console.
async function askForToken() {
  return { errors: [{ message: 'Type the administrator token above first.' }] };
}

async function post(request, authorization) {
  const headers = { accept: 'application/graphql-response+json, application/json;q=0.9', 'content-type': 'application/json', ...authorization };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) });
  return response.json();
}

// Not GraphiQL's own fetcher: it looks at the document as it was some moments before the last key. So does the operation's name that it gives.
const isSubscription = request => operationOf(named(request))?.operation === 'subscription';

/** The request without the name of an operation that is not in it. */
function named(request) {
  return operationOf(request) ? request : { ...request, operationName: undefined };
}

function operationOf({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName);
  } catch {
    return null; // the server says what is wrong with it
  }
}
