// A client in another language: creates the five records, runs a campaign, follows its events.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { simulated, startDaemon } from "./daemon.mjs";
import { collect, connect } from "./outdial.mjs";

const PEOPLE = 50;
const DEADLINE_MS = 90_000;

let daemon;

before(async () => {
  daemon = await startDaemon({ arguments: simulated });
});

after(async () => {
  assert.equal(await daemon.stop(), 0);
});

async function createRecords() {
  const create = async (service, method, field, record) => {
    const { unary, client } = connect(service, daemon.address);
    const response = await unary(method)({ [field]: record });
    client.close();
    return response[field].uuid;
  };
  const plan = await create("OutPlanService", "OutPlanCreate", "plan", {
    name: "node", dial_mode: "DIAL_MODE_PREDICTIVE", trunk_name: "trunk", retry_delay: 30,
    max_retry: [2, 0, 0, 0, 0, 0, 0, 0],
  });
  const dlma = await create("OutDlmaService", "OutDlmaCreate", "dlma", { name: "node" });
  const dest = await create("OutDestinationService", "OutDestinationCreate", "destination", {
    name: "node", type: "DESTINATION_TYPE_APPLICATION", application: "Queue", data: "sales",
  });
  for (let i = 0; i < PEOPLE; ++i) {
    await create("OutDlListService", "OutDlListCreate", "dl", {
      dlma_uuid: dlma, name: `person ${i}`, number: [`555${1_000_000 + i}`],
    });
  }
  return create("OutCampaignService", "OutCampaignCreate", "campaign", {
    name: "node", plan, dlma, dest,
  });
}

/** Events of a campaign, from the oldest, until `isLast` holds for one. */
async function followEvents(campaign, isLast) {
  const { client } = connect("OutEventService", daemon.address);
  const stream = client.OutEventSubscribe(
    { after_position: "oldest", camp_uuids: [campaign] },
    { deadline: Date.now() + DEADLINE_MS },
  );
  const events = [];
  for await (const batch of stream) {
    events.push(...batch.events);
    if (batch.events.some(isLast)) break; // ends the stream too
  }
  client.close();
  return events;
}

function isStopped(event) {
  return event.kind === "EVENT_KIND_OUT_CAMPAIGN_UPDATE"
    && event.campaign.status === "CAMPAIGN_STATUS_STOP";
}

/** Each record's revisions follow each other without a gap, and a dialing ends once. */
function checkEvents(events) {
  const revisions = new Map();
  const ended = new Map();
  for (const event of events) {
    const record = event[event.record];
    if (event.kind === "EVENT_KIND_OUT_DIALING_DELETE") {
      assert.ok(!ended.has(event.uuid), `dialing ${event.uuid} ended twice`);
      ended.set(event.uuid, record);
    }
    const previous = revisions.get(event.uuid) ?? 0;
    assert.equal(record.revision, previous + 1, `${event.kind} of ${event.uuid}`);
    revisions.set(event.uuid, record.revision);
  }
  const positions = events.map((event) => event.position);
  assert.equal(new Set(positions).size, positions.length, "positions are unique");
  return ended;
}

test("a campaign from Node.js", { timeout: DEADLINE_MS + 10_000 }, async () => {
  const campaign = await createRecords();
  const { client, unary } = connect("OutCampaignService", daemon.address);
  const following = followEvents(campaign, isStopped);
  await unary("OutCampaignUpdate")({
    campaign: { uuid: campaign, status: "CAMPAIGN_STATUS_START" },
  });
  const ended = checkEvents(await following);

  const [stat] = await collect(client.OutCampaignStatShow({ uuid: campaign }), "stats");
  assert.equal(stat.dl_total_count, PEOPLE);
  assert.equal(
    stat.dl_finished_count + stat.dl_available_count + stat.dl_dialing_count, PEOPLE);
  assert.equal(stat.dl_finished_count, PEOPLE);
  assert.equal(stat.dl_called_count, ended.size);
  client.close();

  const dialings = connect("OutDialingService", daemon.address);
  const results = await collect(
    dialings.client.OutResultShow({ camp_uuid: campaign }), "results");
  dialings.client.close();
  assert.deepEqual(
    new Set(results.map((result) => result.dialing.uuid)), new Set(ended.keys()));
});

test("errors name the bad field", async () => {
  const { client, unary } = connect("OutPlanService", daemon.address);
  await assert.rejects(
    unary("OutPlanCreate")({ plan: { dial_timeout: 1 } }),
    (error) => error.code === 3 && /dial_timeout/.test(error.details),
  );
  client.close();
});
