/**
 * SHA-1 of a SHA-1 digest, many times over. The one hash that is computed here and not by node:crypto: keys take thousands
 * of digests of 20 bytes each, and calling out for one costs three times as much as computing it.
 */

/** `digest` hashed `times` more times. */
export function sha1Again(digest: Uint8Array, times: number): Uint8Array {
  const from = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const words = new Int32Array(80);
  for (let index = 0; index < 5; index += 1) words[index] = from.getInt32(4 * index);
  for (let count = 0; count < times; count += 1) hashOnce(words);
  const to = new DataView(new ArrayBuffer(20));
  for (let index = 0; index < 5; index += 1) to.setInt32(4 * index, words[index] ?? 0);
  return new Uint8Array(to.buffer);
}

/** FIPS 180-4, 6.1.2, for one block. The first five words are the message, and afterwards its digest. */
function hashOnce(words: Int32Array): void {
  // The message ends with one set bit; its block ends with its length in bits.
  words[5] = 0x80000000;
  words.fill(0, 6, 15);
  words[15] = 160;
  for (let at = 16; at < 80; at += 1) {
    const mixed = (words[at - 3] ?? 0) ^ (words[at - 8] ?? 0) ^ (words[at - 14] ?? 0) ^ (words[at - 16] ?? 0);
    words[at] = (mixed << 1) | (mixed >>> 31);
  }
  let [a, b, c, d, e] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  for (let round = 0; round < 80; round += 1) {
    const next = (((a << 5) | (a >>> 27)) + mix(round, b, c, d) + e + (words[round] ?? 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  words[0] = a + 0x67452301;
  words[1] = b + 0xefcdab89;
  words[2] = c + 0x98badcfe;
  words[3] = d + 0x10325476;
  words[4] = e + 0xc3d2e1f0;
}

function mix(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}
