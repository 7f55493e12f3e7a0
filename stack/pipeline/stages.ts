// Stages of a log pipeline as data: one list becomes the text of Alloy and that of Promtail.

/** A Go template. The secret salt stands where it is split. */
export type Template = readonly [string, ...string[]];

/** One stage, with the arguments that both programs know. Selectors are LogQL's stream selectors with line filters. */
export type Stage =
  | { cri: Record<string, never> }
  | { regex: { expression: string } }
  /** Extracted values that become labels. */
  | { labels: readonly string[] }
  | { label_drop: readonly string[] }
  /** Extracted values that become structured metadata. */
  | { structured_metadata: readonly string[] }
  /** Drops what matches; `reason` names it in the collector's metrics. */
  | { drop: { selector: string; reason: string } }
  | { match: { selector: string; stages: readonly Stage[] } }
  /** Replaces what the groups of an expression capture, by a template that sees it as `.Value`. */
  | { replace: { expression: string; replace: Template } }
  /** Sets an extracted value by a template that sees the others. */
  | { template: { source: string; template: string } }
  /** Extracts the ISO code of the country of an extracted address as `geoip_country_code`. */
  | { geoip: { source: string } };

/** The lines of one kind of pod, and what is done with them. */
export interface Pipeline {
  name: 'manager' | 'ingress';
  /** Which pods, as RE2 sources: their namespace, and the value of a label; the values become the stream's `namespace` and `app`. */
  pods: { namespace: string; label: string; app: string };
  stages: readonly Stage[];
}
