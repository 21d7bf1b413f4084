using System.Collections.Concurrent;
using System.Data.Common;
using DeployCard.Contracts.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace DeployCard.Storage.Sqlite;

/// <summary>
/// Data source of one SQLite file for grains and stores. One thread commits writes in groups; reads run concurrently with writes. A command
/// text is atomic, however many statements it has. When the task of a write completes, the write is on disk. Synchronous calls and
/// transactions that span several commands are not supported.
/// </summary>
internal sealed class SqliteDataSource : DbDataSource
{
    private const int MaxKnownWrites = 1024;
    private readonly SqliteStorageOptions options;
    private readonly SqliteReadPool readers;
    private readonly SqliteWriter writer;
    private readonly ConcurrentDictionary<string, bool> knownWrites = [];
    private readonly Lazy<Task> close;

    /// <summary>Opens an existing database that has the current schema (see <see cref="SqliteSchema"/>).</summary>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    public SqliteDataSource(IOptions<SqliteStorageOptions> options, ILogger<SqliteDataSource> logger)
    {
        this.options = options.Value;
        readers = new(this.options);
        writer = new(this.options, logger);
        close = new(CloseConnections);
    }

    /// <inheritdoc/>
    public override string ConnectionString => $"Data Source={options.Path}";

    public static ObjectDisposedException CreateClosedException(string path) =>
        new(path, $"The database '{path}' is closed: this process is ending.");

    /// <summary>
    /// Runs a command on a reader or on the writer. A text that is not a known write is prepared on a reader, which detects whether it
    /// writes.
    /// </summary>
    public async Task<SqliteRows> Run(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        if (!knownWrites.ContainsKey(text))
        {
            if (await readers.TryRead(text, parameters, cancellationToken).ConfigureAwait(false) is { } rows)
                return rows;
            RememberWrite(text);
        }
        return await writer.Write(text, parameters, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override DbConnection CreateDbConnection() => new SqliteGroupConnection(this);

    /// <inheritdoc/>
    protected override DbCommand CreateDbCommand(string? commandText = null) =>
        new SqliteGroupCommand(this) { CommandText = commandText ?? "" };

    /// <inheritdoc/>
    protected override async ValueTask DisposeAsyncCore()
    {
        await close.Value.ConfigureAwait(false);
        await base.DisposeAsyncCore().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            close.Value.GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    /// <summary>Rejects new commands, finishes the accepted ones and leaves a single database file without a write-ahead log.</summary>
    private async Task CloseConnections()
    {
        await writer.Drain().ConfigureAwait(false);
        await readers.DisposeAsync().ConfigureAwait(false);
        // The last connection to close merges the write-ahead log into the database file.
        writer.Dispose();
    }

    private void RememberWrite(string text)
    {
        // The product uses a few dozen texts. The limit keeps texts that are generated for each call from growing the dictionary forever.
        if (knownWrites.Count >= MaxKnownWrites)
            knownWrites.Clear();
        knownWrites[text] = true;
    }
}
