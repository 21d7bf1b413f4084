/** Records how each request identifies its operation: by hash, by hash and text, or by text. */
export function remember(requests) {
  return async (input, init) => {
    const method = init?.method ?? 'GET';
    const sent = method === 'GET' ? Object.fromEntries(new URL(input).searchParams) : JSON.parse(init.body);
    const kind = sent.extensions?.length || sent.extensions?.persistedQuery ? (sent.query ? 'hash and text' : 'hash') : 'text';
    requests.push(`${method} ${kind}`);
    return fetch(input, init);
  };
}
