import { SceneDataTransformer, sceneGraph, VizPanel, VizPanelMenu } from '@grafana/scenes';

import { downloadCsv } from './csv';

/**
 * The panel's menu, with what Grafana has in the data tab of its inspector: without the panel's transformations, which are a switch
 * of their own there, and with its field options only where data are formatted.
 */
export function panelMenu(): VizPanelMenu {
  const menu = new VizPanelMenu({});
  const download = (formatted: boolean) => () => {
    const panel = sceneGraph.getAncestor(menu, VizPanel);
    const provider = sceneGraph.getData(panel);
    const { data } = (provider instanceof SceneDataTransformer ? (provider.state.$data ?? provider) : provider).state;
    const [frame] = (formatted ? panel.applyFieldConfig(data) : data)?.series ?? [];
    if (frame) {
      downloadCsv(frame, panel.state.title, formatted);
    }
  };
  menu.addActivationHandler(() =>
    menu.setState({
      items: [
        { text: 'Download CSV', iconClassName: 'download-alt', onClick: download(false) },
        { text: 'Download CSV, formatted', iconClassName: 'download-alt', onClick: download(true) },
      ],
    })
  );
  return menu;
}
