/**
 * Is `body`, as the Event Grid trigger hands it over, what Microsoft's own client takes for an event (or an array
 * of them)? An additional check on that path only; what the event means is read by core/secret-event.ts. The client is
 * loaded at the first event, so that an app that takes its events from the queue never pays for it. Never throws.
 */
export async function checkEnvelope(body: unknown): Promise<boolean> {
  try {
    const { EventGridDeserializer } = await import("@azure/eventgrid");
    const deserializer = new EventGridDeserializer();
    const text = JSON.stringify(body);
    const events = isCloudEvent(body)
      ? await deserializer.deserializeCloudEvents(text)
      : await deserializer.deserializeEventGridEvents(text);
    return events.length > 0;
  } catch {
    // The client's error may quote the body.
    return false;
  }
}

function isCloudEvent(body: unknown): boolean {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  return typeof first === "object" && first !== null && "specversion" in first;
}
