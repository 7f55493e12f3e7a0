import { type QueryResultMetaNotice } from '@grafana/data';
import { type SceneComponentProps, sceneGraph, SceneObjectBase } from '@grafana/scenes';
import { Icon, Tooltip } from '@grafana/ui';
import React from 'react';

const icons = { error: 'exclamation-circle', warning: 'exclamation-triangle', info: 'info-circle' } as const;

/** The notices of a panel's frames in its header: one for each severity, the last one, as in Grafana. */
export class PanelNotices extends SceneObjectBase {
  static Component = ({ model }: SceneComponentProps<PanelNotices>) => {
    const { data } = sceneGraph.getData(model).useState();
    const notices = (data?.series ?? []).flatMap(({ meta }) => meta?.notices ?? []);
    const last = new Map<string, QueryResultMetaNotice>(notices.map((notice) => [notice.severity, notice]));
    return (
      <>
        {[...last.values()].map(({ severity, text }) => (
          <Tooltip key={severity} content={text}>
            <span role="img" tabIndex={0} aria-label={`${severity}: ${text}`}>
              <Icon name={icons[severity]} size="md" />
            </span>
          </Tooltip>
        ))}
      </>
    );
  };
}
