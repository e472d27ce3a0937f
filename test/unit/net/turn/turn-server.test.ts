import { describe, expect, it } from 'vitest';
import { credentialsFor, parseTurnServer } from '../../../../src/net/turn/turn-server.ts';
import { thrownBy } from '../../../support/thrown.ts';

const LOGIN = { kind: 'static', username: 'carol', password: 'correct horse' } as const;

describe('the address of a relay', () => {
  it.each([
    ['turn:relay.example.org', { host: 'relay.example.org', port: 3478 }, ['udp', 'tcp']],
    ['turn:192.0.2.1:443', { host: '192.0.2.1', port: 443 }, ['udp', 'tcp']],
    ['turn:[2001:db8::1]:3479', { host: '2001:db8::1', port: 3479 }, ['udp', 'tcp']],
    ['turn:relay.example.org?transport=udp', { host: 'relay.example.org', port: 3478 }, ['udp']],
    ['turn:relay.example.org:80?transport=tcp', { host: 'relay.example.org', port: 80 }, ['tcp']],
    ['turns:relay.example.org', { host: 'relay.example.org', port: 5349 }, ['tls']],
    ['turns:[2001:db8::1]', { host: '2001:db8::1', port: 5349 }, ['tls']],
    ['turns:relay.example.org:443?transport=tcp', { host: 'relay.example.org', port: 443 }, ['tls']],
  ])('%s', (uri, address, transports) => {
    expect(parseTurnServer(uri, LOGIN)).toEqual({ address, transports, login: LOGIN });
  });

  it.each([
    'relay.example.org',
    'stun:relay.example.org',
    'turn:',
    'turn:relay.example.org:0',
    'turn:relay.example.org:65536',
    'turn:2001:db8::1',
    'turn:relay.example.org?transport=sctp',
    'turns:relay.example.org?transport=udp',
    'turn:relay.example.org\nturn:other.example.org',
  ])('is not %j', async (uri) => {
    expect((await thrownBy('USAGE', () => parseTurnServer(uri, LOGIN))).message).toContain(uri);
  });
});

describe('what a device shows to a relay', () => {
  it('is its name and password', () => {
    expect(credentialsFor(LOGIN, 0)).toEqual({ username: 'carol', password: 'correct horse' });
  });

  it('is made of a secret for an hour, as coturn would make it', () => {
    const login = { kind: 'secret', username: 'carol', secret: 'battery staple' } as const;
    expect(credentialsFor(login, 1_700_000_000_999)).toEqual({
      username: '1700003600:carol',
      password: 'Sc3Rx44hb9BL+sXlUlwKNdxnIVQ=',
    });
  });
});
