// Clients that were written for Asterisk, at the AMI listener with a real Asterisk behind it: the
// whole life of a campaign, and Asterisk's own actions, on one connection. Needs the lab.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { connectAsteriskAmiClient, connectAsteriskManager } from "./ami_clients.mjs";
import { addressIn, startDaemon } from "./daemon.mjs";
import { labEnvironment } from "./lab.mjs";

const CAMPAIGN_MS = 60_000;
const STOP = "0", START = "1";
const NUMBERS = ["1005551101", "1005551102", "1005551103", "4865551104", "4045551105"];

let daemon, port;

before(async () => {
  daemon = await startDaemon({
    configuration: `
ami_listen: 127.0.0.1:0
ami_access: [{logins: [lab], use: true, see: true}]
asterisk:
  - {name: node1, host: 127.0.0.1, port: ${labEnvironment().OUTDIAL_LAB_AMI_PORT},
     username: outdial, secret: lab-secret}
`,
  });
  await daemon.logged("node_ready");
  port = Number(addressIn(await daemon.logged("ami_listening")).split(":").pop());
});

after(async () => {
  assert.equal(await daemon.stop(), 0);
});

async function create(client, record, headers) {
  const response = await client.act(`Out${record}Create`, headers);
  assert.equal(response.response, "Success", response.message);
  assert.match(response.uuid, /^[0-9a-f-]{36}$/);
  return response.uuid;
}

async function createCampaign(client, destination) {
  const plan = await create(client, "Plan", {
    Name: "morning", DialMode: 4, TrunkName: "trunk", DialTimeout: 5000, MaxRetry1: 1,
    Variable: "COLOUR=blue",
  });
  const dlma = await create(client, "Dlma", { Name: "people" });
  const dest = await create(client, "Destination", { Type: 1, ...destination });
  for (const number of NUMBERS) {
    await create(client, "DlList", { DlmaUuid: dlma, Number1: number });
  }
  return create(client, "Campaign", { Plan: plan, Dlma: dlma, Dest: dest });
}

/** Starts a campaign, and waits for its end as its events tell it. */
async function runCampaign(client, campaign) {
  const isNow = (status) => (event) =>
    event.event === "OutCampaignUpdate" && event.uuid === campaign && event.status === status;
  const started = await client.act("OutCampaignUpdate", { Uuid: campaign, Status: START });
  assert.equal(started.message, "Campaign updated successfully");
  await client.event(isNow(START));
  await client.event(isNow(STOP), CAMPAIGN_MS);
}

/** Each number was dialled once, and each dialing was told from its begin to its end. */
function checkDialings(client, campaign) {
  const created = client.events(
    (event) => event.event === "OutDialingCreate" && event.campuuid === campaign);
  assert.deepEqual(created.map((event) => event.dialaddr).sort(), [...NUMBERS].sort());
  for (const { uuid, dialaddr } of created) {
    const told = client.events(
      (event) => event.event.startsWith("OutDialing") && event.uuid === uuid);
    const names = told.map((event) => event.event);
    assert.equal(names[0], "OutDialingCreate");
    assert.ok(names.slice(1, -1).length > 0, "no update");
    assert.ok(names.slice(1, -1).every((name) => name === "OutDialingUpdate"), names.join());
    assert.equal(names.at(-1), "OutDialingDelete");
    assert.equal(told.at(-1).outcome, { 100: "1", 486: "5", 404: "7" }[dialaddr.slice(0, 3)]);
  }
}

async function checkStat(client, campaign) {
  const stats = await client.list(
    "OutCampaignStatShow", "OutCampaignStatListComplete", { Uuid: campaign });
  const { uuid, dltotalcount, dlfinishedcount, dlavailablecount, dldialingcount, dlcalledcount } =
    stats[0];
  const all = String(NUMBERS.length);
  assert.equal(stats.length, 1);
  assert.deepEqual(
    [uuid, dltotalcount, dlfinishedcount, dlavailablecount, dldialingcount, dlcalledcount],
    [campaign, all, all, "0", "0", all]);
}

/** What a client does with Asterisk itself. */
async function useAsterisk(client) {
  const members = await client.list("QueueStatus", "QueueStatusComplete", { Queue: "sales" });
  assert.equal(members.filter((event) => event.event === "QueueMember").length, 4);

  const channel = randomUUID();
  const call = (number, id) => client.act("Originate", {
    Channel: `PJSIP/${number}@trunk`, Application: "Wait", Data: 60, Async: "true", ChannelId: id,
  });
  assert.equal((await call("2005551100", channel)).message, "Originate successfully queued");
  const answered = await client.event(
    (event) => event.event === "OriginateResponse" && event.uniqueid === channel);
  assert.equal(answered.response, "Success");
  const channels = await client.list("CoreShowChannels", "CoreShowChannelsComplete");
  assert.equal(channels.filter((event) => event.uniqueid === channel).length, 1);
  const hangup = await client.act("Hangup", { Channel: channel, Cause: 16 });
  assert.equal(hangup.response, "Success");
  const ended = await client.event(
    (event) => event.event === "Hangup" && event.uniqueid === channel);
  assert.equal(ended.cause, "16");

  const refused = await client.act("Originate", { Application: "Wait" });
  assert.equal(refused.message, "Channel not specified");
}

async function checkErrors(client) {
  const unknown = await client.act("OutPlanShow", { Uuid: randomUUID() });
  assert.equal(unknown.response, "Error");
  assert.match(unknown.message, /^No such plan/);
  const bad = await client.act("OutPlanCreate", { DialTimeout: "soon" });
  assert.equal(bad.response, "Error");
  assert.match(bad.message, /^DialTimeout must be a whole number/i); // spelt as it was sent
}

/** Deleting tells the others, too; the connection outlives all of it. */
async function deleteCampaign(client, campaign) {
  const deleted = await client.act("OutCampaignDelete", { Uuid: campaign });
  assert.equal(deleted.message, "Campaign deleted successfully");
  await client.event((event) => event.event === "OutCampaignDelete" && event.uuid === campaign);
  assert.equal((await client.act("Ping")).ping, "Pong");
}

const clients = {
  "asterisk-manager": [
    connectAsteriskManager, { Application: "Queue", Data: "sales" }],
  "asterisk-ami-client": [
    connectAsteriskAmiClient, { Application: "Playback", Data: "hello-world" }],
};

for (const [name, [connect, destination]] of Object.entries(clients)) {
  test(`${name} runs a campaign beside its calls to Asterisk`, { timeout: 90_000 }, async () => {
    const client = await connect(port, "lab", "lab-secret");
    const campaign = await createCampaign(client, destination);
    await Promise.all([runCampaign(client, campaign), useAsterisk(client)]);
    checkDialings(client, campaign);
    await checkStat(client, campaign);
    await checkErrors(client);
    await deleteCampaign(client, campaign);
    client.close();
  });
}
