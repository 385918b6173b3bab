// AMI clients that were written for Asterisk, brought under one interface for a test that drives
// each of them alike.
import { setTimeout as timeout } from "node:timers/promises";

import AmiClient from "asterisk-ami-client";
import AsteriskManager from "asterisk-manager";

const ANSWER_MS = 10_000;

/** Messages with their header names in lower case, as asterisk-manager gives them. */
function lowerCaseNames(message) {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What every client offers here; `send` sends an action and promises its response. */
class Connection {
  #events = [];
  #waiters = new Set();
  #lastId = 0;

  constructor(send, close) {
    this.send = send;
    this.close = close;
  }

  /** Called for each event that comes. */
  add(event) {
    this.#events.push(lowerCaseNames(event));
    for (const waiter of this.#waiters) waiter();
  }

  /** The response to an action. */
  async act(action, headers = {}) {
    return lowerCaseNames(await this.send({ Action: action, ActionID: this.#newId(), ...headers }));
  }

  /** The items of an action that answers with a list that ends with the event `end`. */
  async list(action, end, headers = {}) {
    const id = this.#newId();
    const response = await this.act(action, { ActionID: id, ...headers });
    if (response.response !== "Success") throw new Error(response.message);
    await this.event((event) => event.event === end && event.actionid === id);
    return this.events((event) => event.actionid === id && event.event !== end);
  }

  #newId() {
    return `test-${++this.#lastId}`;
  }

  /** Of those that came, in their order. */
  events(wanted) {
    return this.#events.filter(wanted);
  }

  /** The first event, whether it came already or comes in time, for which `wanted` holds. */
  async event(wanted, milliseconds = ANSWER_MS) {
    const signal = AbortSignal.timeout(milliseconds);
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#events.find(wanted);
        if (!found) return;
        this.#waiters.delete(look);
        resolve(found);
      };
      signal.addEventListener("abort", () => reject(
        new Error(`no such event in ${milliseconds} ms: ${wanted}`)));
      this.#waiters.add(look);
      look();
    });
  }
}

/** With asterisk-manager. */
export async function connectAsteriskManager(port, username, secret) {
  const manager = new AsteriskManager(port, "127.0.0.1", username, secret, true);
  const connection = new Connection(
    // These two headers it knows in lower case only.
    ({ Action, ActionID, ...headers }) => new Promise((resolve) => {
      manager.action({ action: Action, actionid: ActionID, ...headers },
        (error, response) => resolve(error ?? response));
    }),
    () => manager.disconnect(),
  );
  manager.on("managerevent", (event) => connection.add(event));
  await Promise.race([
    connection.act("Ping"), // sent once it is logged in
    timeout(ANSWER_MS, undefined, { ref: false }).then(() => { throw new Error("no login"); }),
  ]);
  return connection;
}

/** With asterisk-ami-client. */
export async function connectAsteriskAmiClient(port, username, secret) {
  const client = new AmiClient();
  const connection = new Connection(
    (action) => client.action(action, true),
    () => client.disconnect(),
  );
  client.on("event", (event) => connection.add(event));
  await client.connect(username, secret, { host: "127.0.0.1", port });
  return connection;
}
