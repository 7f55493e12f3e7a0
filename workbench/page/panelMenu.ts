import { sceneGraph, VizPanel, VizPanelMenu } from '@grafana/scenes';

import { downloadCsv } from './csv';

/** The panel's menu, with what Grafana has in the data tab of its inspector. */
export function panelMenu(): VizPanelMenu {
  const menu = new VizPanelMenu({});
  const download = (formatted: boolean) => () => {
    const panel = sceneGraph.getAncestor(menu, VizPanel);
    const [frame] = panel.applyFieldConfig(sceneGraph.getData(panel).state.data).series;
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
