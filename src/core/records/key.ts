import { fromBase64 } from './bytes';

const keyBytes = 32;

/** A key (base64 of 32 bytes, for Ed25519 of RFC 8032); undefined where the text is none. */
export function keyIn(text: string): Uint8Array | undefined {
  try {
    const bytes = fromBase64(text.trim());
    return bytes.length === keyBytes ? bytes : undefined;
  } catch {
    return undefined;
  }
}
