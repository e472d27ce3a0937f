/**
 * A secret that two holders of Ed25519 keys share, without having spoken: X25519 (RFC 7748) between the same keys on the
 * curve's other form. HyperDHT's own handshake uses them like that, too.
 */
import { createHash, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/** What the seed of an Ed25519 key and the other side's public key come to, 32 bytes. Throws when that is no public key. */
export function agreeOnSecret(seed: Uint8Array, theirs: Uint8Array): Uint8Array {
  return diffieHellman({ privateKey: agreementKeyOf(seed), publicKey: agreementPublicKeyOf(theirs) });
}

/** Ed25519, 32 bytes. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const { x } = createPublicKey(privateKey(ED25519, seed)).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

/** The scalar that signs (RFC 8032 §5.1.5). X25519 clears and sets the same bits of it itself. */
function agreementKeyOf(seed: Uint8Array): KeyObject {
  return privateKey(X25519, createHash('sha512').update(seed).digest().subarray(0, 32));
}

/** u = (1 + y) / (1 - y), RFC 7748 §4.1. A y of 1 becomes the point 0, which `diffieHellman` refuses. */
function agreementPublicKeyOf(key: Uint8Array): KeyObject {
  const bytes = Buffer.from(key).reverse();
  const y = BigInt(`0x${bytes.toString('hex')}`) & (2n ** 255n - 1n);
  const u = modulo((1n + y) * inverse(modulo(1n - y)));
  const x = Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
}

const PRIME = 2n ** 255n - 19n;

function modulo(value: bigint): bigint {
  return ((value % PRIME) + PRIME) % PRIME;
}

/** By Fermat: the exponent is the prime less two. */
function inverse(value: bigint): bigint {
  let [result, square] = [1n, value];
  for (let exponent = PRIME - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

/** What comes before the 32 bytes of a private key in PKCS#8 (RFC 8410 §7). */
const X25519 = '302e020100300506032b656e04220420';
const ED25519 = '302e020100300506032b657004220420';

function privateKey(prefix: string, bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([Buffer.from(prefix, 'hex'), bytes]), format: 'der', type: 'pkcs8' });
}
