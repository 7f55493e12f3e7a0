import { type EmbeddedScene } from '@grafana/scenes';
import React, { useEffect, useState } from 'react';

import { type LoadedPlugin } from '../../stack/host/browser/pluginModule';
import { type DashboardModel, sceneOf } from './dashboard';

/** The dashboard that the plugin ships, with the range of the address where it has one. */
export function DashboardPage({ meta, parameters }: { meta: LoadedPlugin['meta']; parameters: URLSearchParams }) {
  const [scene, setScene] = useState<EmbeddedScene>();
  const path = meta.includes?.find(({ type }) => type === 'dashboard')?.path;
  const from = parameters.get('from') ?? undefined;
  const to = parameters.get('to') ?? undefined;
  useEffect(() => {
    if (path) {
      void fetch(`${meta.baseUrl}/${path}`)
        .then((response) => response.json())
        .then((model: DashboardModel) => {
          const created = sceneOf(model, { from, to });
          window.__grafanaSceneContext = created;
          setScene(created);
        });
    }
    return () => {
      window.__grafanaSceneContext = undefined;
    };
  }, [meta.baseUrl, path, from, to]);
  if (!path) {
    return <p>The plugin ships no dashboard.</p>;
  }
  return scene ? <scene.Component model={scene} /> : null;
}
