import assert from 'node:assert/strict';
import { gql } from '@urql/core';
import { pipe, take, toPromise } from 'wonka';
import { connect } from './connect/urql.mjs';
import { remember } from './requests.mjs';
import { run, token, url } from './scenario.mjs';

const book = gql`query ($id: ID!) { book(id: $id) { title } }`;

await run({
  persisted: async () => {
    const requests = [];
    const first = await connect(url, token, remember(requests)).query(book, { id: 'b1' });
    const second = await connect(url, token, remember(requests)).query(book, { id: 'b2' });
    assert.deepEqual([first.data?.book.title, second.data?.book.title], ['Book 1', 'Book 2'], `${first.error} ${second.error}`);
    assert.deepEqual(requests, ['GET hash', 'GET hash and text', 'GET hash']);
  },

  mutation: async () => {
    const { data } = await connect(url, token).mutation(gql`mutation { addBook(input: { title: "taken" }) { errors { code } } }`, {});
    assert.equal(data.addBook.errors[0].code, 'TITLE_TAKEN');
  },

  error: async () => {
    const { error } = await connect(url, token).query(gql`{ refused }`, {});
    assert.equal(error.graphQLErrors[0].extensions.code, 'DEPLOYMENT_DELETED');
  },

  subscription: async () => {
    const results = connect(url, token).subscription(gql`subscription { booksAdded(count: 5) { id } }`, {});
    const last = await pipe(results, take(5), toPromise);
    assert.equal(last.data?.booksAdded.id, 'b4', String(last.error));
  },
});
