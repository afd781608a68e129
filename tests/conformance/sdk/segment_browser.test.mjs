// Segment's library for browsers in Chromium, on a page of another origin than the hub's, with nothing
// changed but where the hub is and the key.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { chromium } from 'playwright-core';

import { Hub, eventually } from './hub.mjs';
import { Fault, RecordingProxy, eventsOf, messageIdsOf } from './recording_proxy.mjs';
import { openShop } from './shop.mjs';

const SOURCE = 'shop-web';
const BROWSER = {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
  ],
};

const sorted = (list) => [...list].sort();

// Runs in the page.
function loadLibrary({ settings, options }) {
  window.analytics = window.AnalyticsNext.AnalyticsBrowser.load(settings, options);
  window.failures = [];
  window.analytics.on('error', (error) => window.failures.push(String(error.reason ?? error)));
  return window.analytics.then(() => true);
}

describe('@segment/analytics-next', () => {
  let hub;
  let key;
  let shop;
  let browser;
  let proxy;
  let context;
  let page;
  let complaints;
  before(async () => {
    hub = await Hub.start();
    key = await hub.createKey('browser', SOURCE);
    shop = await openShop();
    browser = await chromium.launch(BROWSER);
  });
  after(async () => {
    await browser?.close();
    shop?.close();
    await hub?.stop();
  });
  beforeEach(async () => {
    proxy = await RecordingProxy.start(hub.url);
    context = await browser.newContext();
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(shop.url);
  });
  afterEach(async () => {
    await context.close();
    await proxy.stop();
  });

  // As a site would: the address of the hub in place of Segment's, and the key.
  const load = (options = {}, settings = {}) =>
    page.evaluate(loadLibrary, {
      settings: { writeKey: key, cdnURL: proxy.url, ...settings },
      options,
    });

  // Makes a call and waits until the library is through with it.
  const call = (method, ...rest) =>
    page.evaluate(async ([name, parameters]) => {
      await window.analytics[name](...parameters);
    }, [method, rest]);

  const anonymousId = () => page.evaluate(() => window.analytics.instance.user().anonymousId());

  // The person's events once each that was sent is there; fails if one is there twice.
  async function eventsAbout(identifier) {
    await hub.settledPerson(identifier, proxy.positions());
    return eventually(async () => {
      const events = await hub.events(identifier);
      const sent = new Set(messageIdsOf(proxy.posts().filter(({ status }) => status === 200)));
      assert.deepEqual(sorted(events.map((entry) => entry.messageId)), sorted(sent));
      return events;
    });
  }

  test('every kind of call is on the timeline of one person, and the console is silent', async () => {
    await load();
    await call('page', 'Inicio');
    await call('track', 'Product Viewed', { sku: 's-1', price: 12.5, tags: ['a', 'ñ'] });
    await call('identify', 'u-web', { plan: 'gold', email: 'eva@example.com' });
    await call('screen', 'Cart', { items: 2 });
    await call('group', 'acme', { industry: 'retail' });
    const events = await eventsAbout('user_id:u-web');
    assert.deepEqual(
      sorted(events.map((entry) => `${entry.kind} ${entry.name ?? ''}`)),
      ['group ', 'identify ', 'page Inicio', 'screen Cart', 'track Product Viewed'],
    );
    const viewed = events.find((entry) => entry.kind === 'track');
    assert.deepEqual(viewed.properties, { sku: 's-1', price: 12.5, tags: ['a', 'ñ'] });
    for (const { context: said, source } of events) {
      assert.equal(source, SOURCE);
      assert.equal(said.library.name, 'analytics.js');
      assert.match(said.library.version, /next-\d+\.\d+\.\d+$/);
      assert.match(said.userAgent, /Chrome/);
      assert.equal(said.page.title, 'Tienda ☕');
    }
    const home = events.find((entry) => entry.kind === 'page');
    assert.equal(home.properties.url, `${shop.url}/`);
    assert.equal(home.properties.title, 'Tienda ☕');

    const person = await hub.person('user_id:u-web');
    assert.equal((await hub.person(`anonymous_id:${await anonymousId()}`)).id, person.id);
    assert.equal(person.traits.plan.value, 'gold');
    assert.equal(person.traits.email.value, 'eva@example.com');
    await eventually(async () => {
      const [group] = (await hub.person('user_id:u-web')).groups;
      assert.deepEqual(group?.traits, { industry: 'retail' });
    });
    assert.deepEqual(complaints, []);
    assert.deepEqual(await page.evaluate(() => window.failures), []);
  });

  test('an alias makes the stranger a customer', async () => {
    await load();
    const stranger = await anonymousId();
    await call('page', 'Inicio');
    await call('alias', 'u-alias');
    const events = await eventsAbout('user_id:u-alias');
    assert.deepEqual(sorted(events.map((entry) => entry.kind)), ['alias', 'page']);
    const ids = ['user_id:u-alias', `anonymous_id:${stranger}`].map((name) => hub.person(name));
    const [customer, same] = await Promise.all(ids);
    assert.equal(same.id, customer.id);
    const [alias] = proxy.posts().slice(-1).flatMap(eventsOf);
    assert.equal(alias.previousId, stranger);
    assert.deepEqual(complaints, []);
  });

  test('it sends text to the short paths after a preflight', async () => {
    await load();
    await call('track', 'Seen');
    const [first] = proxy.requests;
    assert.equal(`${first.method} ${first.path}`, `GET /v1/projects/${key}/settings`);
    assert.equal(first.answerHeaders['access-control-allow-origin'], '*');
    const [preflight] = proxy.requests.filter(({ method }) => method === 'OPTIONS');
    assert.equal(preflight.path, '/v1/t');
    assert.equal(preflight.headers['access-control-request-method'], 'POST');
    assert.equal(preflight.headers['access-control-request-headers'], 'authorization');
    assert.equal(preflight.status, 204);
    const [post] = proxy.posts();
    assert.equal(post.path, '/v1/t');
    assert.equal(post.headers.origin, shop.url);
    assert.equal(post.headers['content-type'], 'text/plain');
    assert.equal(post.headers['content-encoding'], undefined);
    assert.equal(post.headers.authorization, `Basic ${btoa(`${key}:`)}`);
    assert.equal(eventsOf(post)[0].writeKey, key);
    assert.deepEqual(complaints, []);
  });

  test('a visitor who reloads the page stays the same stranger', async () => {
    await load();
    await call('page', 'Inicio');
    const before_ = await anonymousId();
    await page.reload();
    await load();
    assert.equal(await anonymousId(), before_);
    await call('track', 'Came Back');
    const events = await eventsAbout(`anonymous_id:${before_}`);
    assert.deepEqual(sorted(events.map((entry) => entry.name)), ['Came Back', 'Inicio']);
    assert.deepEqual(complaints, []);
  });

  test('the address can be given as apiHost and protocol, without asking for settings', async () => {
    await load(
      { integrations: { 'Segment.io': { apiHost: `${proxy.host}/v1`, protocol: 'http' } } },
      { cdnSettings: { integrations: { 'Segment.io': { apiKey: key } } } },
    );
    await call('track', 'Direct');
    const events = await eventsAbout(`anonymous_id:${await anonymousId()}`);
    assert.deepEqual(events.map((entry) => entry.name), ['Direct']);
    assert.ok(proxy.requests.every(({ path }) => path === '/v1/t'));
    assert.deepEqual(complaints, []);
  });

  const batching = (timeout) => ({
    integrations: {
      'Segment.io': { deliveryStrategy: { strategy: 'batching', config: { size: 3, timeout } } },
    },
  });

  test('batches arrive whole', async () => {
    await load(batching(600_000));
    for (const name of ['A', 'B', 'C']) await call('track', name);
    await eventually(() => assert.equal(messageIdsOf(proxy.posts()).length, 3));
    const events = await eventsAbout(`anonymous_id:${await anonymousId()}`);
    assert.deepEqual(sorted(events.map((entry) => entry.name)), ['A', 'B', 'C']);
    assert.deepEqual(proxy.posts().map((request) => eventsOf(request).length), [3]);
    assert.equal(proxy.posts()[0].path, '/v1/b');
    assert.deepEqual(complaints, []);
  });

  test('a batch that waits when the visitor leaves is sent behind them', async () => {
    await load(batching(600_000));
    const stranger = await anonymousId();
    await call('track', 'Leaving');
    assert.deepEqual(proxy.posts(), []);
    await page.goto('about:blank');
    await eventually(() => assert.equal(messageIdsOf(proxy.posts()).length, 1));
    const events = await eventsAbout(`anonymous_id:${stranger}`);
    assert.deepEqual(events.map((entry) => entry.name), ['Leaving']);
  });

  test('an event under way when the visitor leaves is there once in the end', async () => {
    await load();
    const stranger = await anonymousId();
    await call('page', 'Inicio');
    await page.evaluate(() => {
      window.analytics.track('Leaving');
      window.location.href = '/carrito';
    });
    await page.waitForURL(`${shop.url}/carrito`);
    await load(); // what was not acknowledged is sent by the next page
    await call('page', 'Carrito');
    const names = await eventually(async () => {
      const list = (await eventsAbout(`anonymous_id:${stranger}`)).map((entry) => entry.name);
      assert.ok(list.includes('Leaving'));
      return list;
    });
    assert.deepEqual(sorted(names), ['Carrito', 'Inicio', 'Leaving']);
  });

  for (const [fault, what] of [
    [Fault.UNAVAILABLE, 'that the hub refused just now'],
    [Fault.TOO_MANY, 'beyond the rate of the key'],
    [Fault.CUT, 'whose answer was lost'],
  ]) {
    test(`an event ${what} is sent again and counts once`, async () => {
      await load();
      proxy.expectFaults(fault);
      await call('track', 'Stubborn');
      await eventually(() => assert.equal(proxy.posts().at(-1)?.fault, null));
      const [event] = await eventsAbout(`anonymous_id:${await anonymousId()}`);
      assert.equal(event.name, 'Stubborn');
      assert.deepEqual(proxy.posts().map((request) => request.fault), [fault, null]);
      assert.equal(new Set(messageIdsOf(proxy.posts())).size, 1);
    });
  }

  test('with an unknown key it does not load, says so, and nothing is stored', async () => {
    const stored = await hub.storedEvents();
    await assert.rejects(load({}, { writeKey: 'bat_b_unknown' }), /no such write key/);
    assert.ok(complaints.some((text) => text.includes('no such write key')));
    assert.equal(await hub.storedEvents(), stored);
  });

  test('loaded all the same, an unknown key makes its delivery fail', async () => {
    const stored = await hub.storedEvents();
    const unknown = 'bat_b_unknown';
    await load(
      { integrations: { 'Segment.io': { apiHost: `${proxy.host}/v1`, protocol: 'http' } } },
      { writeKey: unknown, cdnSettings: { integrations: { 'Segment.io': { apiKey: unknown } } } },
    );
    await call('track', 'Lost');
    assert.deepEqual(await page.evaluate(() => window.failures), ['NonRetryableError: Non-retryable error: 401']);
    assert.deepEqual(proxy.posts().map(({ status }) => status), [401]);
    assert.equal(await hub.storedEvents(), stored);
  });
});
