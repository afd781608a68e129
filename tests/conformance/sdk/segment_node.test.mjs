// Segment's library for Node, with nothing changed but host and write key.
import assert from 'node:assert/strict';

import { Analytics } from '@segment/analytics-node';

import { testServerLibrary } from './server_library.mjs';

function open({ writeKey, host, batchSize }) {
  const analytics = new Analytics({ writeKey, host, flushAt: batchSize });
  analytics.on('error', () => {}); // its errors come to the callbacks too
  const send = (type, message) =>
    new Promise((resolve) => {
      analytics[type](message, (error) => resolve(error ? new Error(String(error)) : undefined));
    });
  return { send, flush: () => analytics.closeAndFlush() };
}

// Plain JSON, and the key twice: as the user of Basic authorization and in the body.
function checkRequest(request, writeKey) {
  assert.equal(request.path, '/v1/batch');
  assert.equal(request.headers['content-type'], 'application/json');
  assert.equal(request.headers['content-encoding'], undefined);
  assert.equal(request.headers.authorization, `Basic ${btoa(`${writeKey}:`)}`);
  const body = JSON.parse(request.body);
  assert.equal(body.writeKey, writeKey);
  assert.ok(!Number.isNaN(Date.parse(body.sentAt)));
}

testServerLibrary({
  name: '@segment/analytics-node',
  source: 'shop-segment',
  agent: '@segment/analytics-node',
  timeField: 'timestamp',
  checkRequest,
  open,
});
