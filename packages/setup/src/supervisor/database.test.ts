import { createServer } from "node:net";
import { expect, test } from "vitest";
import { requireAnswer } from "./database.ts";

test("a database that is not there is said in a sentence, without the password", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  await new Promise((done) => server.close(done));
  const refusal = requireAnswer(`postgresql://user:secret@127.0.0.1:${port}/muster`);
  await expect(refusal).rejects.toThrow(
    /^The database of DATABASE_URL does not answer: .*ECONNREFUSED.* correct DATABASE_URL\.$/,
  );
  await expect(refusal).rejects.not.toThrow("secret");
});
