/** One product for all the specs of a worker, and a page that is signed in to it. */
import { test as base, type Cookie, type Page } from "@playwright/test";
import { ADMINISTRATOR, completeSetup } from "./account.ts";
import { type Product, startProduct } from "./product.ts";

export const SIMULATED_NODES = 20;

export async function signIn(page: Page, product: Product): Promise<void> {
  await page.goto(`${product.url}/sign-in`);
  await page.getByLabel("E-mail").fill(ADMINISTRATOR.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
}

interface Shared {
  product: Product;
  /** The cookies of one sign-in for all specs: signing in at every test would meet the limit on attempts. */
  session: Cookie[];
}

/** A fleet that has its administrator, who is signed in on the page. */
function administered(options: Parameters<typeof startProduct>[0]) {
  return base.extend<{ signedIn: Page }, Shared>({
    product: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's needs from this pattern
      async ({}, use) => {
        const product = await startProduct(options);
        await completeSetup(product);
        await use(product);
        await product.end();
      },
      { scope: "worker", timeout: 600_000 },
    ],
    session: [
      async ({ browser, product }, use) => {
        const context = await browser.newContext();
        await signIn(await context.newPage(), product);
        const cookies = await context.cookies();
        await context.close();
        await use(cookies);
      },
      { scope: "worker" },
    ],
    signedIn: async ({ page, product, session }, use) => {
      await page.context().addCookies(session);
      await page.goto(product.url);
      await use(page);
    },
  });
}

export const simulated = administered({
  name: "sim",
  port: 19_000,
  network: "10.86.1.0/24",
  simulate: SIMULATED_NODES,
});

/** Against this host's own engine, with an administrator already. */
export const realSignedIn = administered({ name: "signed", port: 19_040, network: "10.86.4.0/24" });

/** Against this host's own engine, as it is on a first run: nobody has signed up. */
export const real = base.extend<object, { product: Product }>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's needs from this pattern
    async ({}, use) => {
      const product = await startProduct({ name: "real", port: 19_020, network: "10.86.2.0/24" });
      await use(product);
      await product.end();
    },
    { scope: "worker", timeout: 600_000 },
  ],
});
