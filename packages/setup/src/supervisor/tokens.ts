/** The two secrets of a first start: the agent's enrolment tokens and the address of the first administrator. */
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publicUrl } from "./environment.ts";
import { mustExecute } from "./execute.ts";
import { enrolTokenFile, type Product, serverCommand, serverVariables } from "./product.ts";

/** How many tokens the agent still needs: one for this host's node, or one for each simulated node without an identity. */
function missingIdentities({ plan, environment }: Product): number {
  const agentDir = join(environment.MUSTER_DATA_DIR, "agent");
  if (plan.kind === "real") return existsSync(join(agentDir, "identity")) ? 0 : 1;
  const simulated = join(agentDir, "simulated");
  const enrolled = existsSync(simulated) ? readdirSync(simulated).length : 0;
  return Math.max(0, plan.count - enrolled);
}

/** Writes them where only the agent reads them. The file goes when the agent has spent them. */
export async function provideEnrolTokens(product: Product): Promise<() => void> {
  const file = enrolTokenFile(product.environment);
  rmSync(file, { force: true });
  const count = missingIdentities(product);
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
