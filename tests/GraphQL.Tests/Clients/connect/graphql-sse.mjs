import { createClient } from 'graphql-sse';

/** Uses one response of server-sent events per operation. */
export const connect = (url, token) =>
  createClient({
    url,
    headers: () => ({ authorization: `Bearer ${token}` }),
    retryAttempts: 5,
  });
