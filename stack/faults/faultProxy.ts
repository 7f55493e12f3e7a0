import { type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { bodyOf, openProxy, type Passage, type Proxy } from '../proxy/proxy';
import {
  type Answer,
  errorAnswer,
  type Fault,
  page,
  withoutSeries,
  withLostChunks,
  withoutRecords,
  withWarning,
} from './fault';
import { type EngineName } from './schedule';

/** A question to an engine. */
export interface Question {
  engine: EngineName;
  path: string;
  /** Path, parameters and form: equal texts are the same question. */
  text: string;
}

/** How long Grafana's proxy waits for the first byte of an answer. */
export const hangMs = 30_000;

const dripPauseMs = 15;
const dripParts = 8;

/** Earlier answers that a stale one is taken from. */
const maxRemembered = 64;

/**
 * Stands between the core and an engine. `strike` is asked once for each request and says what goes wrong with it;
 * undefined lets it pass. `engineUrl` is read anew each time. `pass` lets time pass, in ms, by moving the
 * clock that durations are measured with: nobody has to wait for what hangs.
 */
export function openFaultProxy(
  engine: EngineName,
  engineUrl: () => string,
  strike: (question: Question) => Fault | undefined,
  pass: (ms: number) => void
): Promise<Proxy> {
  const memory: Array<{ question: Question; answer: Answer }> = [];

  const forward = async (passage: Passage, question: Question): Promise<Answer> => {
    try {
      const answer = await answerOf(passage);
      memory.push({ question, answer });
      memory.splice(0, memory.length - maxRemembered);
      return answer;
    } catch {
      // As an ingress without a living backend would answer.
      return errorAnswer(engine, 502, 'html');
    }
  };

  const staleFor = ({ path, text }: Question, pick: number): Answer | undefined => {
    const others = memory.filter(({ question }) => question.path === path && question.text !== text);
    return others[Math.floor(pick * others.length)]?.answer;
  };

  const respond = async (passage: Passage, response: ServerResponse): Promise<void> => {
    const question = { engine, path: passage.path, text: passage.text };
    const fault = strike(question);
    const real = () => forward(passage, question);
    if (!fault) {
      return send(response, await real());
    }
    switch (fault.kind) {
      case 'refuse':
        return void response.destroy();
      case 'hang':
        pass(hangMs);
        return send(response, errorAnswer(engine, 504, 'empty'));
      case 'reset':
        return breakOff(response, await real());
      case 'drip':
        return drip(response, await real());
      default:
        return send(response, await changed(fault, real, () => staleFor(question, 'pick' in fault ? fault.pick : 0)));
    }
  };

  const changed = async (
    fault: Fault,
    real: () => Promise<Answer>,
    stale: () => Answer | undefined
  ): Promise<Answer> => {
    switch (fault.kind) {
      case 'status':
        return errorAnswer(engine, fault.status, fault.flavour);
      case 'page':
        return { status: 200, contentType: 'text/html', body: page('Welcome') };
      case 'limit':
        return { status: 400, contentType: 'text/plain; charset=utf-8', body: Buffer.from(fault.message) };
      case 'stale':
        return stale() ?? real();
    }
    return alter(await real(), fault);
  };

  return openProxy(engineUrl, respond);
}

function alter(answer: Answer, fault: Fault): Answer {
  switch (fault.kind) {
    case 'truncate':
      // Half of an error's words may mean anything: what is tested is half of an answer.
      return answer.status !== 200
        ? answer
        : { ...answer, body: answer.body.subarray(0, Math.floor(fault.at * answer.body.length)) };
    case 'content-type':
      return { ...answer, contentType: fault.type };
    case 'empty':
      return withoutSeries(answer);
    case 'warning':
      return withWarning(answer, fault.keep);
    case 'lost-chunks':
      return withLostChunks(answer, fault.keep);
    case 'no-records':
      return withoutRecords(answer);
    default:
      return answer;
  }
}

async function answerOf(passage: Passage): Promise<Answer> {
  const answer = await passage.forward();
  const contentType = answer.headers['content-type'] ?? '';
  return { status: answer.statusCode ?? 502, contentType, body: await bodyOf(answer) };
}

function head(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
}

function send(response: ServerResponse, answer: Answer): void {
  head(response, answer);
  response.end(answer.body);
}

function breakOff(response: ServerResponse, answer: Answer): void {
  head(response, answer);
  response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.destroy());
}

async function drip(response: ServerResponse, answer: Answer): Promise<void> {
  head(response, answer);
  const size = Math.max(1, Math.ceil(answer.body.length / dripParts));
  for (let start = 0; start < answer.body.length; start += size) {
    response.write(answer.body.subarray(start, start + size));
    await sleep(dripPauseMs);
  }
  response.end();
}
