import {
  booleanOverrideProcessor,
  type FieldConfigPropertyItem,
  identityOverrideProcessor,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
} from '@grafana/data';

/** Properties that Grafana itself gives every field; the page draws them but has no editor for them. */
const standardProperties =
  'displayName description unit decimals min max fieldMinMax color mappings thresholds noValue links filterable'.split(
    ' '
  );

const NoEditor = () => null;

function standardProperty(id: string): FieldConfigPropertyItem {
  return {
    id,
    path: id,
    name: id,
    process: id === 'filterable' ? booleanOverrideProcessor : identityOverrideProcessor,
    shouldApply: () => true,
    settings: {},
    editor: NoEditor,
    override: NoEditor,
  };
}

/** Fills the registries that Grafana's front end fills when it starts. `grafanaVersion` as in `buildInfo`. */
export function fillRegistries(grafanaVersion: string): void {
  standardFieldConfigEditorRegistry.setInit(() => standardProperties.map(standardProperty));
  // Since Grafana 13 an entry loads its transformation when it is used.
  const isLazy = Number.parseInt(grafanaVersion, 10) >= 13;
  // One of them is listed twice, under its old name too.
  standardTransformersRegistry.setInit(() =>
    [...new Set(Object.values(standardTransformers))].map((transformation) => ({
      id: transformation.id,
      name: transformation.name,
      transformation: (isLazy ? () => Promise.resolve(transformation) : transformation) as typeof transformation,
      editor: NoEditor,
      imageDark: '',
      imageLight: '',
    }))
  );
}
