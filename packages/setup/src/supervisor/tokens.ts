/** The two secrets of a first start: the agent's enrolment tokens and the address of the first administrator. */
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publicUrl } from "./environment.ts";
import { mustExecute } from "./execute.ts";
import { enrolTokenFile, type Product, serverCommand, serverVariables } from "./product.ts";

/** Where the agent keeps each identity that this start needs (apps/agent: main.ts, simulated-nodes.ts). */
function identityFiles({ plan, environment }: Product): string[] {
  const agentDir = join(environment.MUSTER_DATA_DIR, "agent");
  if (plan.kind === "real") return [join(agentDir, "identity")];
  return Array.from({ length: plan.count }, (_, index) => {
    const name = `sim-${String(index + 1).padStart(2, "0")}`;
    return join(agentDir, "simulated", name, "identity");
  });
}

/** Writes them where only the agent reads them. The file goes when the agent has spent them. */
export async function provideEnrolTokens(product: Product): Promise<() => void> {
  const file = enrolTokenFile(product.environment);
  rmSync(file, { force: true });
  const count = identityFiles(product).filter((identity) => !existsSync(identity)).length;
  if (count === 0) return () => undefined;
  const tokens = await mustExecute(
    "The enrolment token of this node could not be made.",
    serverCommand(product, "apps/server/src/enrol-token.ts", String(count)),
    { cwd: "/", env: serverVariables(product) },
  );
  writeFileSync(file, tokens, { mode: 0o600 });
  chmodSync(file, 0o600);
  return () => rmSync(file, { force: true });
}

/** The one address that the start ends in. */
export async function addressToOpen(product: Product): Promise<string> {
  const token = await mustExecute(
    "The server could not be asked whether there is an administrator.",
    serverCommand(product, "apps/server/src/first-run.ts"),
    { cwd: "/", env: serverVariables(product) },
  );
  const url = publicUrl(product.environment);
  // After "#" it is sent to no server and stands in no log.
  return token.trim() === "" ? url : `${url}/setup#token=${token.trim()}`;
}
