using System.Data.Common;
using Orleans.Storage;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>
/// Orleans' provider, whose failures are told as ours are: it passes the library's on as they come. A connection that broke leaves open whether
/// a write was kept; so it is asked for on another one, and written again when it was not. Whoever came in between is met by the version.
/// </summary>
internal sealed class PostgreSqlGrainStorage(IGrainStorage inner, DbDataSource source, StorageHealth health) : IGrainStorage
{
    private static readonly JsonStateSerializer Serializer = new();

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Explained(async () =>
        {
            try
            {
                await inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
            }
            catch (Exception e) when (PostgreSqlErrors.IsLost(e))
            {
                await inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
            }
        });

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Explained(async () =>
        {
            try
            {
                await inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
            }
            catch (Exception e) when (PostgreSqlErrors.IsLost(e))
            {
                if (!await WasKept(stateName, grainId, grainState, cancellationToken))
                    await inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
            }
        });

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        Explained(() => inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken));

    /// <summary>Whether what is stored is what was to be written; then the state has its version.</summary>
    private async Task<bool> WasKept<T>(string stateName, GrainId grainId, IGrainState<T> written, CancellationToken cancellationToken)
    {
        var stored = new GrainState<T>();
        await inner.ReadStateAsync(stateName, grainId, stored, cancellationToken);
        if (!stored.RecordExists || stored.ETag == written.ETag || !Bytes(stored).SequenceEqual(Bytes(written)))
            return false;
        (written.ETag, written.RecordExists) = (stored.ETag, true);
        return true;
    }

    private static ReadOnlySpan<byte> Bytes<T>(IGrainState<T> state) => Serializer.Serialize(state.State).ToMemory().Span;

    private async Task Explained(Func<Task> work)
    {
        try
        {
            await work();
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
