/** Plain HTTP as a router speaks it on its own network: one request, one short answer, and it leads nowhere else. */
import { type IncomingMessage, request } from 'node:http';
import { withDeadline } from '../../deadline.ts';
import { SyncError } from '../../errors.ts';
import { ROUTER_ANSWER_BYTES, ROUTER_HTTP_MS } from '../../limits.ts';
import type { Clock } from '../../ports.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

export interface HttpOptions {
  /** This machine's address on the router's network. */
  readonly from: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Throws LIMIT_EXCEEDED, TIMED_OUT, the signal's reason, what the connection fails with. */
export function askByHttp(url: URL, { method, headers, body }: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
  const { from: localAddress, clock } = options;
  const deadline = { what: 'The request to the router', ms: ROUTER_HTTP_MS, clock, signal: options.signal };
  return withDeadline(deadline, async (signal) => {
    const asked = request(url, { method, headers, agent: false, localAddress, signal });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      asked.on('response', resolve).on('error', reject);
    });
    asked.end(body);
    const answer = await answered;
    return { status: answer.statusCode ?? 0, text: await textIn(answer) };
  });
}

async function textIn(answer: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > ROUTER_ANSWER_BYTES) {
      throw new SyncError('LIMIT_EXCEEDED', { what: "A router's answer", limit: ROUTER_ANSWER_BYTES, actual: size });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
