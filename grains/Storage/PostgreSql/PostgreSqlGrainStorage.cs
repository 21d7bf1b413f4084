using System.Data.Common;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using Orleans.Storage;

namespace DeployCard.Storage.PostgreSql;

/// <summary>
/// Wraps Orleans' ADO.NET grain storage and converts its failures to <see cref="StorageException"/>, because Orleans passes on the
/// exceptions of Npgsql. If a connection is lost during a write, the outcome is unknown: the state is then read on another connection and
/// written again if the write was not stored. A concurrent write by another activation is detected by the version.
/// </summary>
internal sealed class PostgreSqlGrainStorage(IGrainStorage inner, DbDataSource source, StorageOutageTracker outages) : IGrainStorage
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
        TranslateErrors(async () =>
        {
            try
            {
                await inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
            }
            catch (Exception e) when (PostgreSqlErrors.IsConnectionLost(e))
            {
                await inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken);
            }
        });

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        TranslateErrors(async () =>
        {
            try
            {
                await inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
            }
            catch (Exception e) when (PostgreSqlErrors.IsConnectionLost(e))
            {
                if (!await WasStored(stateName, grainId, grainState, cancellationToken))
                    await inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
            }
        });

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        TranslateErrors(() => inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken));

    /// <summary>Whether the stored state equals the state to be written; if so, assigns the stored version to that state.</summary>
    private async Task<bool> WasStored<T>(string stateName, GrainId grainId, IGrainState<T> written, CancellationToken cancellationToken)
    {
        var stored = new GrainState<T>();
        await inner.ReadStateAsync(stateName, grainId, stored, cancellationToken);
        if (!stored.RecordExists || stored.ETag == written.ETag || !Serialize(stored).SequenceEqual(Serialize(written)))
            return false;
        (written.ETag, written.RecordExists) = (stored.ETag, true);
        return true;
    }

    private static ReadOnlySpan<byte> Serialize<T>(IGrainState<T> state) => Serializer.Serialize(state.State).ToMemory().Span;

    private async Task TranslateErrors(Func<Task> work)
    {
        try
        {
            await work();
            outages.RecordSuccess();
        }
        catch (Exception e) when (PostgreSqlErrors.IsStorageFailure(e))
        {
            var translated = PostgreSqlErrors.Translate(e, source.ConnectionString);
            outages.RecordFailure(translated);
            throw translated;
        }
    }
}
