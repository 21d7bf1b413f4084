using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>
/// One SQLite file for grains and stores: writes in groups on one thread, reads beside them. A command text is atomic, however many statements
/// it has; a write has reached the disk when its task ends. Asynchronous only, and without transactions that span commands.
/// </summary>
internal sealed class SqliteDataSource : DbDataSource
{
    private const int MostTexts = 1024;
    private readonly SqliteStorageOptions options;
    private readonly SqliteReaders readers;
    private readonly SqliteWriter writer;
    private readonly ConcurrentDictionary<string, bool> isWrite = [];
    private readonly Lazy<Task> close;

    /// <summary>Opens the database, which must exist and have its schema (see <see cref="SqliteSchema"/>).</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public SqliteDataSource(IOptions<SqliteStorageOptions> options, ILogger<SqliteDataSource> logger)
    {
        this.options = options.Value;
        readers = new(this.options);
        writer = new(this.options, logger);
        close = new(CloseOnce);
    }

    /// <inheritdoc/>
    public override string ConnectionString => $"Data Source={options.Path}";

    public static ObjectDisposedException Closed(string path) => new(path, $"The database '{path}' is closed: this process is ending.");

    /// <summary>Runs a command where it belongs. A text that is new is looked at on a reader, which knows whether it writes.</summary>
    public async Task<SqliteRows> Run(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        if (!isWrite.ContainsKey(text))
        {
            if (await readers.TryRead(text, parameters, cancellationToken).ConfigureAwait(false) is { } rows)
                return rows;
            Remember(text);
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

    /// <summary>Takes no more, finishes what was accepted, and leaves one file whose log is folded in.</summary>
    private async Task CloseOnce()
    {
        await writer.Drain().ConfigureAwait(false);
        await readers.DisposeAsync().ConfigureAwait(false);
        // The last connection that closes folds the log into the file.
        writer.Dispose();
    }

    private void Remember(string text)
    {
        // Ours are a few dozen; a text made anew for each call must not grow this without end.
        if (isWrite.Count >= MostTexts)
            isWrite.Clear();
        isWrite[text] = true;
    }
}
