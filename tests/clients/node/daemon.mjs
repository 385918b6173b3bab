// An outdiald with the simulated Asterisk inside, for one test.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { programs } from "./outdial.mjs";

/**
 * Starts it on a port of the system's choice.
 * @returns {Promise<{address: string, stop: () => Promise<number>}>} stop() returns its exit code.
 */
export async function startDaemon() {
  const home = mkdtempSync(path.join(os.tmpdir(), "outdial-node-"));
  const daemon = spawn(
    path.join(programs, "outdiald"),
    ["--simulate", "--accelerate", "100", "--agents", "5", "--listen", "127.0.0.1:0",
      "--data-dir", path.join(home, "data")],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = once(daemon, "exit");
  const address = await listeningAddress(daemon);
  return {
    address,
    async stop() {
      daemon.kill("SIGTERM");
      const [code] = await exited;
      rmSync(home, { recursive: true });
      return code;
    },
  };
}

/** The address from the log; the log is read to its end, so that the daemon never blocks on it. */
function listeningAddress(daemon) {
  return new Promise((resolve, reject) => {
    const seen = [];
    createInterface({ input: daemon.stderr }).on("line", (line) => {
      seen.push(line);
      const listening = /\blistening address="?([^" ]+)/.exec(line);
      if (listening) resolve(listening[1]);
    });
    daemon.on("exit", () => reject(new Error(`outdiald did not start:\n${seen.join("\n")}`)));
    daemon.on("error", reject);
  });
}
