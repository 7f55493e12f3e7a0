import { recordLabel } from '../../src/core/records/recordQueries';
import { createRandom } from '../traffic/random';
import { type Fault } from './fault';
import { type Question } from './faultProxy';
import { type Rule, type Schedule } from './schedule';

/** Decides for each request of a schedule what goes wrong with it; undefined lets it pass. */
export function createStriker({
  salt,
  rules,
}: Pick<Schedule, 'salt' | 'rules'>): (question: Question) => Fault | undefined {
  const seen = { loki: 0, prometheus: 0 };
  const struck = rules.map(() => new Map<string, number>());
  return (question) => {
    seen[question.engine] += 1;
    const index = rules.findIndex((rule, position) => {
      const times = struck[position]?.get(question.text) ?? 0;
      return (
        rule.engine === question.engine &&
        (!rule.ofRecords || question.text.includes(recordLabel)) &&
        seen[question.engine] > rule.after &&
        times < (rule.times ?? Infinity) &&
        isChosen(question, rule, salt + position)
      );
    });
    const counts = struck[index];
    counts?.set(question.text, (counts.get(question.text) ?? 0) + 1);
    return rules[index]?.fault;
  };
}

/** The same requests are chosen in every run, whatever their order. */
function isChosen({ text }: Question, { share }: Rule, salt: number): boolean {
  const codes = [...text].reduce((sum, character) => Math.imul(sum, 31) + character.charCodeAt(0), 7);
  return createRandom(salt, codes).float() < share;
}
