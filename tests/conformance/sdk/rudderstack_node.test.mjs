// RudderStack's library for Node, with nothing changed but host and write key.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';

import RudderAnalytics from '@rudderstack/rudder-sdk-node';

import { testServerLibrary } from './server_library.mjs';

function open({ writeKey, host, batchSize }) {
  const analytics = new RudderAnalytics(writeKey, {
    dataPlaneUrl: host,
    flushAt: batchSize,
    logLevel: 'none',
    errorHandler: () => {}, // its errors come to the callbacks too
  });
  const waiting = new Set();
  const send = (type, message) => {
    const sent = new Promise((resolve) => analytics[type](message, (error) => resolve(error)));
    waiting.add(sent);
    sent.then(() => waiting.delete(sent));
    return sent;
  };
  // One flush of it sends one batch.
  const flush = async () => {
    while (waiting.size > 0) {
      await analytics.flush();
      await new Promise(setImmediate);
    }
  };
  return { send, flush };
}

// The odd one: compressed JSON, labelled as a form by its HTTP client.
function checkRequest(request, writeKey) {
  assert.equal(request.path, '/v1/batch');
  assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(request.headers['content-encoding'], 'gzip');
  assert.deepEqual([...request.body.subarray(0, 2)], [0x1f, 0x8b], 'it is gzip');
  assert.equal(request.headers.authorization, `Basic ${btoa(`${writeKey}:`)}`);
  const body = JSON.parse(gunzipSync(request.body));
  assert.equal(body.writeKey, undefined);
  assert.ok(Array.isArray(body.batch));
}

testServerLibrary({
  name: '@rudderstack/rudder-sdk-node',
  source: 'shop-rudderstack',
  agent: 'analytics-node',
  timeField: 'originalTimestamp',
  checkRequest,
  open,
});
