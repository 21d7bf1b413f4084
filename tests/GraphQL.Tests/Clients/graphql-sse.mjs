import assert from 'node:assert/strict';
import { connect } from './connect/graphql-sse.mjs';
import { collect, run, report, token, url, waitForTest } from './scenario.mjs';

await run({
  query: async () => assert.deepEqual((await collect(connect(url, token), { query: '{ me }' }))[0].data, { me: 'ada' }),

  mutation: async () => assert.ok((await collect(connect(url, token), { query: 'mutation { count }' }))[0].data.count > 0),

  subscription: async () => {
    const results = await collect(connect(url, token), { query: 'subscription { booksAdded(count: 100) { id author { name } } }' });
    assert.deepEqual(results.map(result => result.data.booksAdded.id), Array.from({ length: 100 }, (_, i) => `b${i}`));
  },

  concurrent: async () => {
    const client = connect(url, token);
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => collect(client, { query: `subscription { booksAdded(count: ${i + 1}) { id } }` })));
    assert.deepEqual(all.map(results => results.length), Array.from({ length: 20 }, (_, i) => i + 1));
  },

  unsubscribe: async () => {
    await collect(connect(url, token), { query: 'subscription { tail(id: "x") }' }, 1);
    report('left');
    await waitForTest();
  },

  rejectedOperation: async () => {
    const [result] = await collect(connect(url, token), { query: '{ nothing }' });
    assert.equal(result.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  },

  wrongToken: async () => assert.rejects(collect(connect(url, 'wrong'), { query: '{ me }' }), error => error.response?.status === 401),
});
