import { type EmbeddedScene } from '@grafana/scenes';
import React, { useEffect, useState } from 'react';

import { type LoadedPlugin } from '../../stack/host/browser/pluginModule';
import { type DashboardModel, sceneOf } from './dashboard';

/** A dashboard that the plugin ships: the one of the address, else the first; with the range and the variables of the address. */
export function DashboardPage({ meta, parameters }: { meta: LoadedPlugin['meta']; parameters: URLSearchParams }) {
  const [scene, setScene] = useState<EmbeddedScene>();
  const uid = parameters.get('dashboard') ?? '';
  const path = meta.includes?.find(({ type, path: file }) => type === 'dashboard' && file?.includes(uid))?.path;
  useEffect(() => {
    if (path) {
      void fetch(`${meta.baseUrl}/${path}`)
        .then((response) => response.json())
        .then((model: DashboardModel) => {
          const created = sceneOf(model, parameters);
          window.__grafanaSceneContext = created;
          setScene(created);
        });
    }
    return () => {
      window.__grafanaSceneContext = undefined;
    };
  }, [meta.baseUrl, path, parameters]);
  if (!path) {
    return <p>The plugin ships no dashboard.</p>;
  }
  return scene ? <scene.Component model={scene} /> : null;
}
