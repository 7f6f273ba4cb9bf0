import { tiers } from "@muster/config/vitest";

export default tiers();
