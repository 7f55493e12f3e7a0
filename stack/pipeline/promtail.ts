import type { Stage, Template } from './stages';

/** Stages as Promtail's configuration has them. `salt` is the secret of templates; `geoip` is read by stack/engines/collector. */
export function promtailStages(stages: readonly Stage[], salt: string): Array<Record<string, unknown>> {
  return stages.map((stage) => promtailStage(stage, salt));
}

function promtailStage(stage: Stage, salt: string): Record<string, unknown> {
  if ('drop' in stage) {
    const { selector, reason } = stage.drop;
    return { match: { selector, action: 'drop', drop_counter_reason: reason } };
  }
  if ('match' in stage) {
    const { selector, stages } = stage.match;
    return { match: { selector, stages: promtailStages(stages, salt) } };
  }
  if ('labels' in stage) {
    return { labels: names(stage.labels) };
  }
  if ('structured_metadata' in stage) {
    return { structured_metadata: names(stage.structured_metadata) };
  }
  if ('label_drop' in stage) {
    return { labeldrop: stage.label_drop };
  }
  if ('replace' in stage) {
    const { expression, replace } = stage.replace;
    return { replace: { expression, replace: withSalt(replace, salt) } };
  }
  return stage;
}

/** Extracted values under their own names. */
function names(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value) => [value, value]));
}

function withSalt(template: Template, salt: string): string {
  return template.join(JSON.stringify(salt).slice(1, -1));
}
