import assert from 'node:assert/strict';
import { connect } from './connect/relay.mjs';
import { collect, run, token, url } from './scenario.mjs';

// The parts of a compiled Relay operation that the network layer uses.
const operation = (operationKind, text) => ({ id: null, cacheID: text, name: 'Test', operationKind, metadata: {}, text });

const results = (kind, text, variables, max) =>
  collect({
    subscribe: (_, sink) => {
      const on = connect(url, token).getNetwork().execute(operation(kind, text), variables, { force: true }).subscribe(sink);
      return () => on.unsubscribe();
    },
  }, null, max);

await run({
  query: async () => {
    const [{ data }] = await results('query', 'query Test($first: Int!) { books(first: $first) { edges { cursor node { id title } } pageInfo { endCursor hasNextPage } } }', { first: 3 });
    assert.deepEqual(data.books.edges.map(edge => edge.node.title), ['Book 0', 'Book 1', 'Book 2']);
  },

  node: async () => {
    const [{ data }] = await results('query', 'query Test($id: ID!) { node(id: $id) { __typename id ... on Author { name } } }', { id: 'a1' });
    assert.deepEqual(data.node, { __typename: 'Author', id: 'a1', name: 'Author a1' });
  },

  subscription: async () => {
    const books = await results('subscription', 'subscription Test { booksAdded(count: 5) { id } }', {}, 5);
    assert.equal(books.length, 5);
  },
});
