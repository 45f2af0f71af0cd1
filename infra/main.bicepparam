// What you deploy. Everything that is not set here has the default of main.bicep.
//
// For one trust boundary it is enough to set VAULT_IDS and CLUSTER_IDS (resource ids with spaces between them) in the
// environment: `azd env set` or `export`. For more than that, write the two lists here; docs/several-clusters.md shows how.

using './main.bicep'

param name = readEnvironmentVariable('AZURE_ENV_NAME', 'rotation-bridge')

var vaultIds = filter(split(readEnvironmentVariable('VAULT_IDS'), ' '), id => !empty(id))
// True: classes name certificates or keys of these vaults (objectType cert or key), not secrets alone.
var certificatesAndKeys = bool(readEnvironmentVariable('CERTIFICATES_AND_KEYS', 'false'))
param vaults = map(vaultIds, id => { id: id, certificatesAndKeys: certificatesAndKeys })

var clusterIds = filter(split(readEnvironmentVariable('CLUSTER_IDS', ''), ' '), id => !empty(id))
param clusters = map(clusterIds, id => { id: id })

param privateNetwork = bool(readEnvironmentVariable('PRIVATE_NETWORK', 'false'))

// Plan, status, rotate and replay by HTTP, off by default: docs/install.md, By HTTP.
param http = readEnvironmentVariable('BRIDGE_HTTP', '')
param httpTenant = readEnvironmentVariable('BRIDGE_HTTP_TENANT', '')
param httpClientId = readEnvironmentVariable('BRIDGE_HTTP_CLIENT_ID', '')
param httpReaders = readEnvironmentVariable('BRIDGE_HTTP_READERS', '')
param httpOperators = readEnvironmentVariable('BRIDGE_HTTP_OPERATORS', '')
