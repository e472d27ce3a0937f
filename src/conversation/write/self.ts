import type { DeviceKeys } from '../../identity/identity.ts';
import type { Self } from '../decisions/decision.ts';

/** The device's part in decisions: its ids and the certificates it can put into a tree. */
export function selfOf({ account, device, chain }: DeviceKeys): Self {
  return {
    account,
    device,
    deviceCertificate: chain.device.pem,
    accountCertificate: chain.account.pem + chain.authority.pem,
  };
}
