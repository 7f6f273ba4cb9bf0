/** The CLI reads the engine's stderr as JSON lines and shows what they say. */
export function log(level, fields, target = "schema_engine::logger") {
  process.stderr.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, target, fields })}\n`);
}
