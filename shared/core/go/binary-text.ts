/** Base64 and hex as Go's standard library decodes them: strict where JavaScript's decoders are lenient. */

/**
 * `base64.StdEncoding.DecodeString`: CR and LF are skipped anywhere, even inside the padding; the last quantum must be
 * padded; its unused bits may be anything. Undefined where Go gives an error.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const packed = text.replaceAll(/[\r\n]/g, "");
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  const padding = packed.endsWith("==") ? 2 : packed.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((packed.length / 4) * 3 - padding);
  let buffer = 0;
  let at = 0;
  for (let index = 0; index < packed.length - padding; index += 1) {
    buffer = ((buffer << 6) | alphabet.indexOf(packed.charAt(index))) & 0xffffff;
    const bits = ((index % 4) + 1) * 6;
    if (bits > 6) {
      bytes[at] = (buffer >> (bits % 8)) & 0xff;
      at += 1;
    }
  }
  return bytes;
}

/** `hex.DecodeString`: nothing is skipped. Undefined where Go gives an error. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1)
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  return bytes;
}

/** `base64.StdEncoding.EncodeToString`. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(bytesToText(bytes));
}

/** `base64.RawURLEncoding.DecodeString`: no padding; CR and LF are skipped. Undefined where Go gives an error. */
export function decodeRawUrlBase64(text: string): Uint8Array | undefined {
  const packed = text.replaceAll(/[\r\n]/g, "");
  if (!/^[-\w]*$/.test(packed) || packed.length % 4 === 1) return undefined;
  const standard = packed.replaceAll("-", "+").replaceAll("_", "/");
  return decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, "="));
}

/** One character per byte: text that can be searched and cut without losing what is no UTF-8. */
export function bytesToText(bytes: Uint8Array): string {
  let text = "";
  // By parts, because a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** The reverse of {@link bytesToText}. */
export function textToBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
