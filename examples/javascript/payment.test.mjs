// node --test payment.test.mjs
// Node.js 18 or newer. MOCK_URL names the mock server, MOCK_TOKEN the token of its admin API if it has one.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

const origin = process.env.MOCK_URL ?? "http://127.0.0.1:8080";
const database = `js-${randomUUID()}`;
const api = `${origin}/${database}/limepkg-billecta-integration`;
const key = { "x-api-key": "ABC123" };
const phone = "46701740605";

async function control(method, path = "", body = undefined) {
  const token = process.env.MOCK_TOKEN;
  const response = await fetch(`${origin}/__admin/worlds/${database}${path}`, {
    method,
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

// The code under test: creates a payment, and once more if the gateway was not there.
async function askForPayment(action, attempts = 2) {
  const query = new URLSearchParams({ phone, message: "Hej" });
  const response = await fetch(`${api}/payments/swish/${action}?${query}`, { method: "POST", headers: key });
  if (response.status === 503 && attempts > 1) return askForPayment(action, attempts - 1);
  assert.equal(response.status, 201);
  return (await response.json()).requestid;
}

async function statusOf(requestid) {
  const response = await fetch(`${api}/payments/swish/${requestid}`, { headers: key });
  return (await response.json()).requeststatus;
}

before(() => control("PUT"));
after(() => control("DELETE"));

test("a declined payment is seen although the first request failed", async () => {
  await control("PUT", "/clock", { mode: "frozen" });
  await control("POST", "/faults", {
    match: { operation: "createSwishPayment" },
    times: 1,
    then: { fault: { type: "STATUS", status: 503 } },
  });
  await control("POST", "/rules", {
    match: { phone },
    then: { life: { steps: [{ status: "Declined", code: "RF07", after_seconds: 30 }] } },
  });

  const requestid = await askForPayment("action123");
  assert.equal(await statusOf(requestid), "Created");

  const { events } = await control("POST", "/clock/advance", { seconds: 30 });
  assert.deepEqual(events.map((event) => [event.requestid, event.status]), [[requestid, "Declined"]]);
  assert.equal(await statusOf(requestid), "Declined");

  await control("POST", "/requests/verify", {
    sequence: [
      { request: { operation: "createSwishPayment", status: 503 }, exactly: 1 },
      { request: { operation: "createSwishPayment", phone, status: 201 }, exactly: 1 },
      { request: { operation: "getSwishPayment", requeststatus: "Declined" }, at_least: 1 },
    ],
  });
});
