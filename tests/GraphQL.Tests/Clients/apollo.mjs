import assert from 'node:assert/strict';
import { gql } from '@apollo/client';
import { connect } from './connect/apollo.mjs';
import { remember } from './requests.mjs';
import { collect, run, token, url } from './scenario.mjs';

const query = gql`query Book($id: ID!) { book(id: $id) { id title } }`;

await run({
  persisted: async () => {
    const requests = [];
    const first = await connect(url, token, remember(requests)).query({ query, variables: { id: 'b1' } });
    const second = await connect(url, token, remember(requests)).query({ query, variables: { id: 'b2' } });
    assert.deepEqual([first.data.book.title, second.data.book.title], ['Book 1', 'Book 2']);
    assert.deepEqual(requests, ['GET hash', 'POST hash and text', 'GET hash']);
  },

  mutation: async () => {
    const { data } = await connect(url, token).mutate({ mutation: gql`mutation { addBook(input: { title: "taken" }) { errors { code } } }` });
    assert.equal(data.addBook.errors[0].code, 'TITLE_TAKEN');
  },

  error: async () =>
    assert.rejects(connect(url, token).query({ query: gql`{ refused }` }), error => error.errors[0].extensions.code === 'DEPLOYMENT_DELETED'),

  subscription: async () => {
    const results = connect(url, token).subscribe({ query: gql`subscription { booksAdded(count: 5) { id } }` });
    const books = await collect({ subscribe: (_, sink) => { const on = results.subscribe(sink); return () => on.unsubscribe(); } }, null, 5);
    assert.deepEqual(books.map(result => result.data.booksAdded.id), ['b0', 'b1', 'b2', 'b3', 'b4']);
  },
});
