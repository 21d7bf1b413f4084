import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

// The endpoint itself serves the page, so the page's address is the address of the API.
const url = location.origin + location.pathname;

/** Creates a fetcher that sends queries and mutations over HTTP and subscriptions over a WebSocket to the same address. */
export function createFetcher(token, tokenRequired) {
  if (tokenRequired && !token) return askForToken;
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: authorization });
  return request => (isSubscription(request) ? socket.iterate(named(request)) : post(named(request), authorization));
}

// A request without a token would only log a 401 in the console.
async function askForToken() {
  return { errors: [{ message: 'Enter the administrator token above first.' }] };
}

async function post(request, authorization) {
  const headers = { accept: 'application/graphql-response+json, application/json;q=0.9', 'content-type': 'application/json', ...authorization };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) });
  return response.json();
}

// GraphiQL's own fetcher uses a slightly outdated document after the last keystroke. The operation name that GraphiQL passes is
// outdated in the same way.
const isSubscription = request => operationOf(named(request))?.operation === 'subscription';

/** Removes the operation name if the document has no operation of that name. */
function named(request) {
  return operationOf(request) ? request : { ...request, operationName: undefined };
}

function operationOf({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName);
  } catch {
    return null; // the server reports the syntax error
  }
}
