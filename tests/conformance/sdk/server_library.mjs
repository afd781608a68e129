// What must hold for any tracking library that runs in a server, whoever made it.
//
// A library is described by:
//   name         of the test
//   source       of its events
//   agent        what it calls itself in context.library
//   timeField    in which a caller says when an event happened
//   checkRequest looks at how a recorded request was really sent
//   open({writeKey, host, batchSize, retryDelayMs}) gives {send(type, message), flush()}: `send` takes the
//                arguments that all of them share and resolves once the library is through with the
//                event, with its error or undefined; `flush` resolves once all of them are.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { Hub, eventually } from './hub.mjs';
import { Fault, RecordingProxy, eventsOf, messageIdsOf } from './recording_proxy.mjs';

const DAY_MS = 86_400_000;
const TIME_ERROR_MS = 20_000; // between the library's sentAt and the hub's clock, on a busy machine

const messageIdsOn = (events) => events.map((entry) => entry.messageId);
const sorted = (list) => [...list].sort();

// What somebody does who comes as a stranger and becomes a customer.
function aVisit(time, timeField) {
  const anonymousId = 'anon-7';
  const userId = 'u-7';
  const traits = {
    plan: 'gold',
    email: 'Ana.Peña@example.com',
    age: 31,
    vip: true,
    address: { city: 'Mérida', zip: '97000' },
    interests: ['café', 'viajes'],
  };
  const properties = { sku: 's-1', price: 12.5, tags: ['a', 'b'], nested: { deep: { er: true } }, no: null };
  return [
    { type: 'page', anonymousId, name: 'Inicio ☕', properties: { path: '/', title: 'Inicio ☕' } },
    { type: 'track', anonymousId, event: 'Product Viewed', properties },
    { type: 'identify', anonymousId, userId, traits },
    { type: 'screen', userId, name: 'Cart', properties: { items: 2 } },
    { type: 'group', userId, groupId: 'acme', traits: { industry: 'retail', employees: 12 } },
    {
      type: 'track',
      userId,
      event: 'Order Completed',
      properties: { total: 120 },
      [timeField]: time,
      context: { campaign: { name: 'verano' }, ip: '203.0.113.7' },
    },
  ];
}

function checkEntry(entry, said, library) {
  assert.equal(entry.kind, said.type);
  assert.equal(entry.name, said.event ?? said.name);
  assert.equal(entry.source, library.source);
  if (said.properties) assert.deepEqual(entry.properties, said.properties);
  if (said.traits) {
    // What the hub derives of an address that it seals stands beside it.
    const domain = said.traits.email?.split('@')[1];
    const derived = domain === undefined ? {} : { email_domain: domain };
    assert.deepEqual(entry.traits, { ...said.traits, ...derived });
  }
  if (said.groupId) assert.equal(entry.groupId, said.groupId);
  assert.equal(entry.context.library.name, library.agent);
  assert.match(entry.context.library.version, /^\d+\.\d+\.\d+$/);
}

export function testServerLibrary(library) {
  describe(library.name, () => {
    let hub;
    let writeKey;
    let proxy;
    before(async () => {
      hub = await Hub.start();
      writeKey = await hub.createWriteKey(library.source);
    });
    after(() => hub.stop());
    beforeEach(async () => {
      proxy = await RecordingProxy.start(hub.url);
    });
    afterEach(() => proxy.stop());

    const open = (more) => library.open({ writeKey, host: proxy.url, ...more });

    // Sends all, one after the other, and fails if the library reports that one was not delivered.
    async function deliver(client, messages) {
      const results = messages.map(({ type, ...message }) => client.send(type, message));
      await client.flush();
      for (const error of await Promise.all(results)) assert.ifError(error);
    }

    test('every kind of call is on the timeline as it was said', async () => {
      const time = new Date(Date.now() - 3 * DAY_MS);
      const visit = aVisit(time, library.timeField);
      await deliver(open(), visit);
      for (const request of proxy.posts()) library.checkRequest(request, writeKey);

      await hub.settledPerson('user_id:u-7', proxy.positions());
      const sent = new Map();
      for (const event of proxy.posts().flatMap(eventsOf)) sent.set(event.messageId, event);
      assert.equal(sent.size, visit.length, 'message ids are unique');
      const timeline = await eventually(async () => {
        const entries = await hub.events('user_id:u-7');
        assert.deepEqual(sorted(messageIdsOn(entries)), sorted(sent.keys()));
        return entries;
      });
      for (const said of visit) {
        const isSaid = (entry) =>
          entry.kind === said.type && entry.name === (said.event ?? said.name);
        const entry = timeline.find(isSaid);
        assert.ok(entry, `${said.type} ${said.event ?? said.name ?? ''} is on the timeline`);
        checkEntry(entry, said, library);
      }
      const order = timeline.find((entry) => entry.name === 'Order Completed');
      assert.ok(Math.abs(Date.parse(order.time) - time) < TIME_ERROR_MS, 'it keeps its own time');
      assert.deepEqual(order.context.campaign, { name: 'verano' });
      assert.equal(order.context.ip, '203.0.113.7');
    });

    test('the stranger and the customer are one person, with traits and group', async () => {
      const person = await hub.settledPerson('user_id:u-7');
      assert.equal((await hub.person('anonymous_id:anon-7')).id, person.id);
      const linked = person.identifiers.map(({ type, value, status }) => [type, value, status]);
      for (const expected of [
        ['user_id', 'u-7', 'confirmed'],
        ['anonymous_id', 'anon-7', 'confirmed'],
        ['email', 'ana.peña@example.com', 'confirmed'],
      ]) {
        assert.ok(
          linked.some((one) => JSON.stringify(one).toLowerCase() === JSON.stringify(expected)),
          `${expected.join(' ')} is among ${JSON.stringify(linked)}`,
        );
      }
      const { traits } = aVisit(new Date(), library.timeField).find(({ type }) => type === 'identify');
      for (const [name, value] of Object.entries(traits)) {
        assert.deepEqual(person.traits[name]?.value, value, name);
        assert.equal(person.traits[name].source, library.source);
      }
      await eventually(async () => {
        const [group] = (await hub.person('user_id:u-7')).groups;
        assert.equal(group?.id, 'acme');
        assert.deepEqual(group.traits, { industry: 'retail', employees: 12 });
      });
      assert.equal(person.counters['Order Completed']?.count, 1);
    });

    test('an alias makes two customers one', async () => {
      await deliver(open(), [
        { type: 'track', userId: 'old-1', event: 'Product Viewed' },
        { type: 'identify', userId: 'new-1', traits: { plan: 'basic' } },
        { type: 'alias', previousId: 'old-1', userId: 'new-1' },
      ]);
      await eventually(async () => {
        const [before_, now] = [await hub.person('user_id:old-1'), await hub.person('user_id:new-1')];
        assert.equal(before_?.id, now?.id);
        assert.ok(now.settled);
      });
      const timeline = await hub.events('user_id:new-1', proxy.positions());
      assert.deepEqual(sorted(messageIdsOn(timeline)), sorted(messageIdsOf(proxy.posts())));
    });

    test('an alias makes a stranger a customer', async () => {
      await deliver(open(), [
        { type: 'track', anonymousId: 'anon-2', event: 'Product Viewed' },
        { type: 'alias', previousId: 'anon-2', userId: 'new-2' },
      ]);
      await eventually(async () => {
        const now = await hub.person('user_id:new-2');
        assert.equal((await hub.person('anonymous_id:anon-2'))?.id, now?.id);
        assert.ok(now.settled);
      });
    });

    test('many events come in batches of the size that was asked for', async () => {
      const messages = [];
      for (let i = 0; i < 230; ++i) {
        messages.push({ type: 'track', userId: 'u-batch', event: 'Ping', properties: { i } });
      }
      await deliver(open({ batchSize: 50 }), messages);
      const sizes = proxy.posts().map((request) => eventsOf(request).length);
      assert.ok(Math.max(...sizes) === 50 && sizes.length < 20, `batches of ${sizes}`);
      const timeline = await hub.events('user_id:u-batch', proxy.positions());
      const numbers = timeline.map((entry) => entry.properties.i);
      assert.deepEqual(numbers.sort((a, b) => a - b), messages.map((message, i) => i));
      assert.equal(new Set(messageIdsOn(timeline)).size, messages.length);
    });

    // Sends three events through a bad network; each has to be there once in the end.
    async function deliverBadly(userId, faults) {
      proxy.expectFaults(...faults);
      const events = ['One', 'Two', 'Three'];
      await deliver(open({ batchSize: 3 }), events.map((event) => ({ type: 'track', userId, event })));
      assert.deepEqual(proxy.faults, [], 'every fault has happened');
      const timeline = await hub.events(`user_id:${userId}`, proxy.positions());
      assert.deepEqual(sorted(timeline.map((entry) => entry.name)), sorted(events));
      assert.deepEqual(sorted(messageIdsOn(timeline)), sorted(new Set(messageIdsOf(proxy.posts()))));
      const person = await hub.person(`user_id:${userId}`);
      for (const event of events) assert.equal(person.counters[event].count, 1);
    }

    test('events that the hub refused to take just now are sent again', async () => {
      await deliverBadly('u-503', [Fault.UNAVAILABLE, Fault.UNAVAILABLE]);
      const refused = proxy.posts().filter((request) => request.status === 503);
      assert.equal(refused.length, 2);
    });

    test('events beyond the rate of the key are sent again', async () => {
      await deliverBadly('u-429', [Fault.TOO_MANY]);
    });

    test('events whose answer was lost are sent again and count once', async () => {
      await deliverBadly('u-cut', [Fault.CUT]);
      const stored = proxy.posts().filter((request) => request.status === 200);
      const [lost] = stored.filter((request) => request.fault === Fault.CUT);
      const again = stored.filter((request) => request !== lost).flatMap(eventsOf);
      for (const { messageId } of eventsOf(lost)) {
        assert.ok(again.some((event) => event.messageId === messageId), 'the hub saw it twice');
      }
    });

    for (const [which, status, makeKey] of [
      ['unknown', 401, () => `bat_w_${'x'.repeat(40)}`],
      ['secret', 403, () => hub.secretKey],
    ]) {
      test(`with a key that is ${which}, the library tells, and nothing is stored`, async () => {
        const before_ = await hub.storedEvents();
        const client = open({ writeKey: makeKey() });
        const result = client.send('track', { userId: `u-${which}`, event: 'Lost' });
        await client.flush();
        assert.ok((await result) instanceof Error, 'the callback gets an error');
        assert.deepEqual(proxy.posts().map((request) => request.status), [status]);
        assert.equal(await hub.storedEvents(), before_);
        assert.equal(await hub.person(`user_id:u-${which}`), null);
      });
    }
  });
}
