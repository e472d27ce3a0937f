import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routesInNetstat, routesInProc } from '../../../../src/net/mapping/default-gateway.ts';
import { decodeAddressAnswer, decodeMapAnswer, encodeMapRequest } from '../../../../src/net/mapping/nat-pmp-message.ts';
import { decodePcp, encodePcp, type PcpRequest } from '../../../../src/net/mapping/pcp-message.ts';
import { portControlIn } from '../../../../src/net/mapping/port-control.ts';
import { formatSoap, soapErrorIn } from '../../../../src/net/mapping/soap-message.ts';
import { locationIn } from '../../../../src/net/mapping/ssdp-message.ts';
import { textOf } from '../../../../src/net/mapping/xml-text.ts';
import { description, fault, natPmp, pcp, searchAnswer } from '../../../support/net/fake-router.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const REQUEST: PcpRequest = {
  nonce: Buffer.from('000102030405060708090a0b', 'hex'),
  internal: { host: '192.168.1.2', port: 0x1234 },
  externalPort: 0x5678,
  lifetimeSeconds: 3600,
};
const pcpAnswer = () => Buffer.from(pcp(Buffer.from(encodePcp(REQUEST)), { open: new Map() }));

describe('PCP', () => {
  it('asks as RFC 6887 §7.1 and §11.1 draw it', () => {
    expect(hex(encodePcp(REQUEST))).toBe(
      [
        ...['02', '01', '0000', '00000e10', '00000000000000000000ffffc0a80102'],
        ...['000102030405060708090a0b', '06', '000000', '1234', '5678', '00000000000000000000ffff00000000'],
      ].join(''),
    );
  });

  it('reads what was opened', () => {
    const external = { host: '11.0.0.11', port: 0x5678 };
    expect(decodePcp(pcpAnswer(), REQUEST)).toEqual({ external, lifetimeSeconds: 3600 });
  });

  it('takes no answer for its own that has another nonce, protocol or port', () => {
    for (const at of [24, 36, 40]) {
      const answer = pcpAnswer();
      answer[at] = 0xff;
      expect(decodePcp(answer, REQUEST)).toBeUndefined();
    }
  });

  it('says why not', () => {
    const answer = pcpAnswer();
    answer[3] = 2;
    expect(() => decodePcp(answer, REQUEST)).toThrow('by PCP: it is set up not to.');
    answer[3] = 99;
    expect(() => decodePcp(answer, REQUEST)).toThrow('by PCP: error 99.');
  });

  it('hears from a router that knows only what came before', () => {
    const answer = natPmp(Buffer.from(encodePcp(REQUEST)), { open: new Map() });
    expect(() => decodePcp(answer, REQUEST)).toThrow('by PCP: it does not speak it.');
  });
});

describe('NAT-PMP', () => {
  const request = { internalPort: 0x1234, externalPort: 0x5678, lifetimeSeconds: 7200 };

  it('asks as RFC 6886 §3.3 draws it', () => {
    expect(hex(encodeMapRequest(request))).toBe('000200001234567800001c20');
  });

  it('reads what was opened, of its own request', () => {
    const answer = Buffer.from('008200000000000712349abc00000e10', 'hex');
    expect(decodeMapAnswer(answer, 0x1234)).toEqual({
      internalPort: 0x1234,
      externalPort: 0x9abc,
      lifetimeSeconds: 3600,
    });
    expect(decodeMapAnswer(answer, 0x1235)).toBeUndefined();
    expect(decodeAddressAnswer(answer)).toBeUndefined();
    expect(decodeAddressAnswer(Buffer.from('00800000000000070b00000b', 'hex'))).toBe('11.0.0.11');
  });

  it('says why not', () => {
    expect(() => decodeAddressAnswer(Buffer.from('0080000300000007', 'hex'))).toThrow('no network itself');
  });
});

it('whatever a router sends is an answer, none, or a refusal', () => {
  const reads = [
    (bytes: Uint8Array) => decodePcp(bytes, REQUEST),
    (bytes: Uint8Array) => decodeMapAnswer(bytes, 0x1234),
    decodeAddressAnswer,
  ];
  const starts = ['', '02', '0281', '0080', '0082', '00820000', '0281000000000e10'].map((text) =>
    Buffer.from(text, 'hex'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 70 }), (start, rest) => {
      for (const read of reads) {
        try {
          read(Buffer.concat([start, rest]));
        } catch (error) {
          expect(error).toMatchObject({ code: 'ROUTER_REFUSED' });
        }
      }
    }),
  );
});

describe('UPnP', () => {
  const location = 'http://192.168.1.1:5000/desc.xml';

  it('follows an answer to the router itself and to nobody else', () => {
    expect(locationIn(searchAnswer(location), '192.168.1.1')?.href).toBe(location);
    for (const elsewhere of ['http://11.0.0.9/x', 'https://192.168.1.1/x', 'file:///etc/passwd', 'http://router/x', ''])
      expect(locationIn(searchAnswer(elsewhere), '192.168.1.1')).toBeUndefined();
    expect(
      locationIn(searchAnswer(location).replace('InternetGatewayDevice', 'MediaServer'), '192.168.1.1'),
    ).toBeUndefined();
    expect(locationIn(searchAnswer(location).replace('200 OK', '404 No'), '192.168.1.1')).toBeUndefined();
  });

  it('finds the service that opens ports, at the router itself', () => {
    const find = (control: string, type?: string) => portControlIn(description(control, type), new URL(location));
    expect(find('/ctl/IP')?.control.href).toBe('http://192.168.1.1:5000/ctl/IP');
    expect(find('http://192.168.1.1:6000/ctl?a=1&amp;b=2')?.control.href).toBe('http://192.168.1.1:6000/ctl?a=1&b=2');
    expect(find('/p', 'urn:schemas-upnp-org:service:WANPPPConnection:1')?.type).toContain('WANPPP');
    expect(find('http://11.0.0.9/ctl')).toBeUndefined();
    expect(find('/ctl', 'urn:schemas-upnp-org:service:Layer3Forwarding:1')).toBeUndefined();
  });

  it('escapes what it says and reads what it is told', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`a é&<>"';#`, '&amp;', '&#38;') }), (value) => {
        const said = formatSoap('urn:x', { action: 'Say', arguments: [['Value', value]] });
        expect(textOf('Value', said)).toBe(value.trim());
      }),
    );
    expect(textOf('Value', '<u:Value xmlns:u="urn:x"> a &amp; b </u:Value>')).toBe('a & b');
    expect(soapErrorIn(fault(718).text)).toBe(718);
    expect(soapErrorIn('<html>Not Found</html>')).toBeUndefined();
  });

  it('reads a description that was made to be slow in no time', () => {
    const evil = '<service>'.repeat(14_000) + '<serviceType '.repeat(5000);
    const began = process.cpuUsage().user;
    expect(portControlIn(evil, new URL(location))).toBeUndefined();
    expect(process.cpuUsage().user - began).toBeLessThan(1_000_000);
  });
});

describe('the routes of the system', () => {
  it('tell the preferred router on Linux', () => {
    const proc = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'wlan0\t00000000\t0107A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0',
      'eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
      'ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0',
    ].join('\n');
    expect(routesInProc(proc)).toEqual([
      { gateway: '192.168.1.1', by: 'eth0' },
      { gateway: '192.168.7.1', by: 'wlan0' },
    ]);
  });

  it('tell the router on macOS', () => {
    const mac =
      'Internet:\nDestination  Gateway  Flags  Netif Expire\ndefault  192.168.1.1  UGScg  en0\ndefault fe80::1%en0 UGcIg en0';
    expect(routesInNetstat(mac)).toEqual([{ gateway: '192.168.1.1', by: 'en0' }]);
  });
});
