import { getPublicKey, hashes, sign, verify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

import { bytesOf, fromBase64, toBase64 } from './bytes';

// Not WebCrypto: a Grafana that is served without TLS has none.
hashes.sha512 = sha512;

/** What is signed begins with this, so that no signature of anything else fits. */
const purpose = 'oscar-usage-record ';

/** The public key (base64) of a secret one. */
export function publicKeyOf(secretKey: Uint8Array): string {
  return toBase64(getPublicKey(secretKey));
}

/** The signature (base64) of a record's id. */
export function signatureOf(id: string, secretKey: Uint8Array): string {
  return toBase64(sign(bytesOf(`${purpose}${id}`), secretKey));
}

/** True where the signature of a record's id was made with the key that belongs to a public one. Never throws. */
export function isSigned(id: string, signature: string, publicKey: Uint8Array): boolean {
  try {
    const bytes = fromBase64(signature);
    // One signature has one text: blanks in base64 are read over.
    return toBase64(bytes) === signature && verify(bytes, bytesOf(`${purpose}${id}`), publicKey, { zip215: false });
  } catch {
    return false;
  }
}
