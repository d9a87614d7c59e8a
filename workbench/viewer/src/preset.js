// Splunk Enterprise's own preset, with two changes: searches that do not poll, and handlers that only Splunk Web has.
import EnterpriseViewOnlyPreset from '@splunk/dashboard-presets/EnterpriseViewOnlyPreset';
import { LinkToDashboard, LinkToSearch } from './handlers';
import RestSearch, { RestSavedSearch } from './RestSearch';

// ?sources=splunk: Splunk's own data sources, unchanged
const unchanged = new URLSearchParams(globalThis.location?.search || '').get('sources') === 'splunk';

export default {
    ...EnterpriseViewOnlyPreset,
    dataSources: {
        ...EnterpriseViewOnlyPreset.dataSources,
        ...(unchanged ? {} : { 'ds.search': RestSearch, 'ds.chain': RestSearch, 'ds.savedSearch': RestSavedSearch }),
    },
    eventHandlers: {
        ...EnterpriseViewOnlyPreset.eventHandlers,
        'drilldown.linkToDashboard': LinkToDashboard,
        'drilldown.linkToSearch': LinkToSearch,
    },
};
