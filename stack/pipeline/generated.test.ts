import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as v from 'valibot';

import { collectorPatterns, parseRequest, requestExtractor, requestPatterns } from '../../src/core/domain/requestLine';
import { optionSchemas } from '../../src/core/optionsSchema';
import { cutForms } from '../../src/testing/cutForms';
import { managerForms } from '../../src/testing/lineForms';
import { repositoryRoot } from '../lib/repository';
import { generatedFiles } from './generated';
import { ingressPipeline, managerPipeline } from './pipelines';

const options = { servicesNamespace: 'oscar-svc', isPrivate: false };

it.each([...generatedFiles()])('%s is what the code makes (npm run deploy:generate)', (path, text) => {
  expect(readFileSync(join(repositoryRoot, path), 'utf8')).toBe(text);
});

it('changes with the namespace of services', () => {
  const texts = ['oscar-svc', 'other-svc'].map((servicesNamespace) =>
    JSON.stringify(ingressPipeline({ ...options, servicesNamespace }))
  );
  expect(texts[1]).toBe(texts[0]?.replaceAll('oscar-svc', 'other-svc'));
});

it('gives streams the labels that the selectors of the options look for', () => {
  const matchersOf = (selector: string) =>
    Object.fromEntries([...selector.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label, value]) => [label, value]));
  const podsOf = ({ pods }: ReturnType<typeof managerPipeline>) => ({ namespace: pods.namespace, app: pods.app });
  expect(podsOf(managerPipeline(options))).toEqual(matchersOf(v.parse(optionSchemas.requestSelector, undefined)));
  expect(podsOf(ingressPipeline(options))).toEqual(matchersOf(v.parse(optionSchemas.exposedSelector, undefined)));
});

describe('what is hashed', () => {
  const user = new RegExp(collectorPatterns('oscar-svc').user.replaceAll('?P<', '?<'));
  const extract = requestExtractor(requestPatterns('oscar-svc', 'count'));
  const lines = [...managerForms, ...cutForms].filter(({ line }) => line.startsWith('[GIN-EXECUTIONS-LOGGER] 20'));

  it.each(lines)('is the user whom reports count: $name', ({ line }) => {
    const bare = line.replace(/[\r\n]+$/, '');
    const request = parseRequest(extract(bare), 'oscar-svc');
    const groups = user.exec(bare)?.groups;
    if (request && !bare.includes('\n')) {
      expect((groups?.caller ?? groups?.caller_last)?.trim() || '(none)').toBe(request.user);
    }
  });
});
