import { type SceneComponentProps, sceneGraph, SceneObjectBase, type SceneObjectState } from '@grafana/scenes';
import { TextLink } from '@grafana/ui';
import React from 'react';

export interface LinkModel {
  title: string;
  url: string;
  keepTime?: boolean;
}

/** The links at the top of a dashboard, as Grafana fills them in: with variables, and with the range where it is kept. */
export class DashboardLinks extends SceneObjectBase<SceneObjectState & { links: LinkModel[] }> {
  static Component = ({ model }: SceneComponentProps<DashboardLinks>) => {
    const { links } = model.useState();
    // What the links name changes with these.
    sceneGraph.getTimeRange(model).useState();
    sceneGraph.getVariables(model).useState();
    return (
      <nav aria-label="Dashboards" style={{ display: 'flex', flexWrap: 'wrap', gap: 12, alignItems: 'center' }}>
        {links.map(({ title, url, keepTime }) => (
          <TextLink key={title} href={hrefOf(model, url, keepTime)} external inline={false}>
            {title}
          </TextLink>
        ))}
      </nav>
    );
  };
}

function hrefOf(model: DashboardLinks, url: string, keepTime = false): string {
  const range = keepTime ? `${url.includes('?') ? '&' : '?'}\${__url_time_range}` : '';
  return sceneGraph.interpolate(model, `${url}${range}`);
}
