import { type DataSourcePluginOptionsEditorProps, type DataSourceSettings } from '@grafana/data';
import { Alert, Button, Field, Input, Stack } from '@grafana/ui';
import React, { type ComponentType, useState } from 'react';

import { type LoadedPlugin } from '../../stack/host/browser/pluginModule';
import { type Services } from '../../stack/host/browser/services';

type Options = DataSourceSettings;

interface Props {
  plugin: LoadedPlugin['plugin'];
  services: Services;
}

/** The plugin's config editor within what Grafana draws around it: the name above, "Save & test" below. */
export function ConfigPage({ plugin, services }: Props) {
  const [options, setOptions] = useState<Options>(() => settingsOf(services));
  const [result, setResult] = useState<{
    status: string;
    message: string;
    details?: { message?: string; verboseMessage?: string };
  }>();
  const [isTesting, setTesting] = useState(false);
  const ConfigEditor = plugin.components.ConfigEditor as ComponentType<DataSourcePluginOptionsEditorProps> | undefined;
  const saveAndTest = async () => {
    setTesting(true);
    setResult(undefined);
    await services.save(options.jsonData);
    const instance = await services.configured();
    setResult(await instance.testDatasource().catch((error: Error) => ({ status: 'error', message: error.message })));
    setTesting(false);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void saveAndTest();
      }}
    >
      <Stack direction="column" gap={2}>
        <Field label="Name" htmlFor="data-source-name">
          <Input id="data-source-name" value={options.name} readOnly width={40} />
        </Field>
        {ConfigEditor ? (
          <ConfigEditor options={options} onOptionsChange={setOptions} />
        ) : (
          <p>The plugin has no config editor.</p>
        )}
        {result && (
          <Alert
            severity={result.status === 'success' ? 'success' : result.status === 'warning' ? 'warning' : 'error'}
            title={result.message}
            data-testid="workbench-health"
          >
            <div style={{ whiteSpace: 'pre-line' }}>{result.details?.verboseMessage ?? result.details?.message}</div>
          </Alert>
        )}
        <div>
          <Button type="submit" disabled={isTesting}>
            Save & test
          </Button>
        </div>
      </Stack>
    </form>
  );
}

/** What Grafana's page hands to an editor, as far as this one reads it. */
function settingsOf(services: Services): Options {
  return { orgId: 1, secureJsonFields: {}, ...services.instanceSettings() } as unknown as Options;
}
