// An outdiald for one test.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { programs } from "./outdial.mjs";

/** Arguments of one with the simulated Asterisk inside. */
export const simulated = ["--simulate", "--accelerate", "100", "--agents", "5"];

/**
 * Starts it on a port of the system's choice.
 * @param {{arguments?: string[], configuration?: string}} options configuration: YAML.
 * @returns {Promise<{address: string, logged: (fact: string) => Promise<string>,
 *   stop: () => Promise<number>}>} logged() waits for a line of the log, stop() returns the exit
 *   code.
 */
export async function startDaemon({ arguments: more = [], configuration = "" }) {
  const home = mkdtempSync(path.join(os.tmpdir(), "outdial-node-"));
  const config = path.join(home, "outdiald.yaml");
  writeFileSync(config, configuration);
  const daemon = spawn(
    path.join(programs, "outdiald"),
    ["--config", config, "--listen", "127.0.0.1:0", "--data-dir", path.join(home, "data"), ...more],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = once(daemon, "exit");
  const logged = readLog(daemon);
  return {
    address: addressIn(await logged("listening")),
    logged,
    async stop() {
      daemon.kill("SIGTERM");
      const [code] = await exited;
      rmSync(home, { recursive: true });
      return code;
    },
  };
}

/** `127.0.0.1:50051` of a line of the log. */
export function addressIn(line) {
  return /\baddress="?([^" ]+)/.exec(line)[1];
}

/** The log is read to its end, so that the daemon never blocks on it. */
function readLog(daemon) {
  const lines = [];
  const waiters = [];
  const tellWaiters = () => {
    for (const { fact, resolve } of waiters) {
      const line = lines.find((each) => each.split(" ").includes(fact));
      if (line) resolve(line);
    }
  };
  createInterface({ input: daemon.stderr }).on("line", (line) => {
    lines.push(line);
    tellWaiters();
  });
  return (fact) =>
    new Promise((resolve, reject) => {
      waiters.push({ fact, resolve });
      tellWaiters();
      daemon.on("exit", () => reject(new Error(`no ${fact} in the log:\n${lines.join("\n")}`)));
      daemon.on("error", reject);
    });
}
