import 'react-grid-layout/css/styles.css';
import { css } from '@emotion/css';
import { type DataSourceApi, type GrafanaTheme2, ThemeContext } from '@grafana/data';
import { config, locationService, LocationServiceProvider } from '@grafana/runtime';
import { GlobalStyles, PortalContainer, Tab, TabsBar, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router-dom';

import { importPlugin, type LoadedPlugin } from '../../stack/host/browser/pluginModule';
import { fillRegistries } from '../../stack/host/browser/registries';
import { installServices, type Services } from '../../stack/host/browser/services';
import { ConfigPage } from './ConfigPage';
import { DashboardPage } from './DashboardPage';
import { panelPlugins } from './panels';
import { QueryPage } from './QueryPage';

const pages = { dashboard: 'Dashboard', query: 'Query', config: 'Configuration' } as const;

interface Props {
  loaded: LoadedPlugin;
  services: Services;
  dataSource: DataSourceApi;
  parameters: URLSearchParams;
}

function Workbench({ loaded, services, dataSource, parameters }: Props) {
  const styles = useStyles2(getStyles);
  const page = parameters.get('page') ?? 'dashboard';
  const link = (changes: Record<string, string>) =>
    `?${new URLSearchParams({ ...Object.fromEntries(parameters), ...changes })}`;
  const otherTheme = config.theme2.isDark ? 'light' : 'dark';
  return (
    <div className={styles.page}>
      {/* As in Grafana: nothing but the dashboard, for pictures and paper. */}
      {!parameters.has('kiosk') && (
        <>
          <header className={styles.header}>
            <h1 className={styles.title}>OSCAR Metrics workbench</h1>
            <TextLink href={link({ theme: otherTheme })} inline={false} external>{`${otherTheme} theme`}</TextLink>
          </header>
          <TabsBar>
            {Object.entries(pages).map(([key, label]) => (
              <Tab key={key} label={label} active={key === page} href={link({ page: key })} />
            ))}
          </TabsBar>
        </>
      )}
      <main className={styles.main}>
        {page === 'dashboard' && <DashboardPage meta={loaded.meta} parameters={parameters} />}
        {page === 'query' && <QueryPage dataSource={dataSource} parameters={parameters} />}
        {page === 'config' && <ConfigPage plugin={loaded.plugin} services={services} />}
      </main>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    display: 'flex',
    flexDirection: 'column',
    minHeight: '100vh',
    background: theme.colors.background.canvas,
    padding: theme.spacing(1, 2),
  }),
  header: css({ display: 'flex', justifyContent: 'space-between', alignItems: 'center' }),
  title: css({ ...theme.typography.h4, margin: 0 }),
  main: css({ display: 'flex', flexGrow: 1, flexDirection: 'column', paddingTop: theme.spacing(2) }),
});

async function start(): Promise<void> {
  fillRegistries(config.buildInfo.version);
  const loaded = await importPlugin();
  const services = await installServices(loaded, panelPlugins);
  const dataSource = await services.configured();
  const parameters = new URLSearchParams(window.location.search);
  document.body.dataset.react = React.version;
  document.body.classList.add(config.theme2.isDark ? 'theme-dark' : 'theme-light');
  createRoot(document.getElementById('root') as HTMLElement).render(
    <BrowserRouter>
      <LocationServiceProvider service={locationService}>
        <ThemeContext.Provider value={config.theme2}>
          <GlobalStyles />
          <Workbench {...{ loaded, services, dataSource, parameters }} />
          <PortalContainer />
        </ThemeContext.Provider>
      </LocationServiceProvider>
    </BrowserRouter>
  );
}

start().catch((error: unknown) => {
  document.body.textContent = `The workbench could not start: ${String(error)}`;
});
