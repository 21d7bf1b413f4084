using System.Data.Common;
using Orleans.Storage;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Orleans' provider, whose failures are told as ours are: it passes the library's on as they come.</summary>
internal sealed class PostgreSqlGrainStorage(IGrainStorage inner, DbDataSource source, StorageHealth health) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Explained(inner.ReadStateAsync(stateName, grainId, grainState));

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Explained(inner.WriteStateAsync(stateName, grainId, grainState));

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Explained(inner.ClearStateAsync(stateName, grainId, grainState));

    private async Task Explained(Task work)
    {
        try
        {
            await work;
            health.Worked();
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStorage(e))
        {
            var explained = PostgreSqlErrors.Explain(e, source.ConnectionString);
            health.Failed(explained);
            throw explained;
        }
    }
}
