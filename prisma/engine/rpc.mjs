/** The engine's protocol: one JSON-RPC request a line on stdin, answered in order on stdout. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { adapterFactory } from "./adapter.mjs";
import { log } from "./engine-log.mjs";

/** The code under which the native engine reports an error that the CLI may show to the user. */
const USER_FACING_ERROR = 4466;

export async function serve({ datamodels, url }) {
  const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  let engine;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    const { id, method, params } = JSON.parse(line);
    if (method === undefined) continue; // the CLI's answer to our `print`
    try {
      engine ??= await loadEngine(datamodels, url);
      write({ id, result: await answer(engine, { method, params, url, write }) });
    } catch (error) {
      write({ id, error: rpcError(error) });
    }
  }
  process.exit(0); // the adapter's pool would keep the process for its idle time
}

async function answer(engine, { method, params, url, write }) {
  if (method === "getDatabaseVersion") return await engine.version(params);
  if (method === "createDatabase") return { databaseName: new URL(url).pathname.slice(1) };
  const result = await engine[method](params ?? {});
  if (method !== "diff" || result?.stdout == null) return result ?? {};
  // The native engine prints the difference by a call of its own; the wasm one hands it back.
  write({ id: "print", method: "print", params: { content: result.stdout } });
  return { exitCode: result.exitCode, stdout: null };
}

function rpcError(error) {
  const message = error?.message ?? String(error);
  const data = { is_panic: false, message, meta: error?.meta ?? null, error_code: error?.code ?? null };
  return { code: USER_FACING_ERROR, message: "An error happened. Check the data field for details.", data };
}

async function loadEngine(datamodels, url) {
  const home = new URL("./", import.meta.resolve("@prisma/schema-engine-wasm"));
  const background = await import(new URL("schema_engine_bg.js", home).href);
  const module = new WebAssembly.Module(readFileSync(new URL("schema_engine_bg.wasm", home)));
  const instance = new WebAssembly.Instance(module, { "./schema_engine_bg.js": background });
  background.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  // A Rust panic is reported through this global before it traps; without it one reads only
  // "Cannot read properties of undefined (reading 'set_message')".
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    message: "",
    set_message(message) {
      this.message = message;
      log("ERROR", { message, is_panic: true });
    },
  };
  const files = datamodels.map((file) => [file, readFileSync(file, "utf8")]);
  return await background.SchemaEngine.new(
    { datamodels: files.length > 0 ? files : undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapterFactory(url)),
  );
}
