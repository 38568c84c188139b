// The real program: the demo on a free port, with a data folder of its own.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = new URL("../../..", import.meta.url).pathname;
export const PROGRAM = process.env.BAOKAO_PROGRAM ?? join(ROOT, "target/debug/baokao");
/** The first start makes the database and the demo's exam. */
const START_MS = 60_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

export class Server {
  /**
   * Starts the demo and waits until it answers; `settings` are environment variables beside its own, `candidates` how many invented ones it is filled with before.
   */
  static async start(settings = {}, candidates = 0) {
    const server = new Server();
    server.settings = settings;
    server.command = ["demo"];
    server.data = mkdtempSync(join(tmpdir(), "baokao-demo-"));
    server.port = await freePort();
    if (candidates > 0) execFileSync(PROGRAM, ["demo", "fill", "--candidates", String(candidates)], { cwd: ROOT, env: server.environment });
    await server.run();
    return server;
  }

  /** Starts what a school starts with: nothing but one staff account that may do everything, { login, password }. */
  static async startEmpty({ login, password }, workers = false) {
    const server = new Server();
    server.command = workers ? ["serve"] : ["serve", "--no-workers"];
    server.data = mkdtempSync(join(tmpdir(), "baokao-empty-"));
    server.port = await freePort();
    const roles = "registrar,reviewer,administrator,auditor";
    execFileSync(PROGRAM, ["staff", "create", login, "--name", "陈老师", "--roles", roles], { cwd: ROOT, env: server.environment, input: `${password}\n` });
    await server.run();
    return server;
  }

  get environment() {
    return {
      ...process.env,
      BAOKAO_DATA: this.data,
      BAOKAO_DATABASE_URL: "",
      BAOKAO_LISTEN: `127.0.0.1:${this.port}`,
      BAOKAO_PUBLIC_URL: this.url,
      BAOKAO_HELP_PHONE: "0731-8888 0000",
      BAOKAO_ASSETS: join(ROOT, "assets/fetched"),
      // Decisions take effect at once, but where a journey takes one back.
      BAOKAO_UNDO_SECONDS: "0",
      ...this.settings,
    };
  }

  /** Its address, without a slash at the end. */
  get url() {
    // Browsers allow the camera on localhost without https.
    return `http://localhost:${this.port}`;
  }

  /** Starts it (again) on the same data. */
  async run() {
    this.log = "";
    this.process = spawn(PROGRAM, this.command, { cwd: ROOT, env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk) => {
      this.log = (this.log + chunk).slice(-200_000);
    };
    this.process.stdout.on("data", keep);
    this.process.stderr.on("data", keep);
    this.process.on("error", (problem) => keep(`${PROGRAM}: ${problem.message}; run cargo build first\n`));
    const until = Date.now() + START_MS;
    while (Date.now() < until) {
      if (this.process.exitCode !== null || this.process.pid === undefined) break;
      const answers = await fetch(`http://127.0.0.1:${this.port}/healthz`).then((r) => r.ok, () => false);
      if (answers) return;
      await pause(50);
    }
    throw new Error(`the program did not start:\n${this.log}`);
  }

  /** Ends it: "SIGTERM" politely, "SIGKILL" as if the plug was pulled. */
  async end(signal = "SIGTERM") {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ending = this.process;
    const gone = new Promise((done) => ending.once("exit", done));
    ending.kill(signal);
    // Of this process only: another may run on the same data by then.
    const late = setTimeout(() => ending.kill("SIGKILL"), 25_000);
    await gone;
    clearTimeout(late);
  }

  /** Ends it and removes its data. */
  async close() {
    await this.end();
    rmSync(this.data, { recursive: true, force: true });
  }
}
