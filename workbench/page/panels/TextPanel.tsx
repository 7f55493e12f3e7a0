import { type PanelProps, renderTextPanelMarkdown } from '@grafana/data';
import React from 'react';

/** Markdown, sanitised by @grafana/data. */
export function TextPanel({ options, replaceVariables }: PanelProps<{ content?: string }>) {
  const content = options.content ?? 'This page has no panel of this type; Grafana draws it.';
  return <div dangerouslySetInnerHTML={{ __html: renderTextPanelMarkdown(replaceVariables(content)) }} />;
}
