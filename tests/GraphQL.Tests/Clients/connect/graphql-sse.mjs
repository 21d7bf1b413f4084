import { createClient } from 'graphql-sse';

/** One response of server-sent events for each operation. */
export const connect = (url, token) =>
  createClient({
    url,
    headers: () => ({ authorization: `Bearer ${token}` }),
    retryAttempts: 5,
  });
