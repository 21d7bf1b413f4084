using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>Every option in its range, before the first use of storage; all errors at once.</summary>
internal sealed class SqliteStorageOptionsValidator : IValidateOptions<SqliteStorageOptions>
{
    private const string Section = SqliteStorageOptions.Section;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SqliteStorageOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (string.IsNullOrWhiteSpace(options.Path))
            result.AddError($"{Section}:{nameof(options.Path)} is empty: name the database file, as in data/deploycard.db.");
        else if (options.Path.StartsWith(':') || options.Path.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            result.AddError(
                $"{Section}:{nameof(options.Path)} is '{options.Path}': name a file by its path; a database in memory is not supported."
            );
        if (options.BusyTimeout < TimeSpan.Zero || options.BusyTimeout > TimeSpan.FromMinutes(1))
            result.AddError($"{Section}:{nameof(options.BusyTimeout)} is {options.BusyTimeout}: give 00:00:00 to 00:01:00.");
        Check(result, nameof(options.MaxWritesPerCommit), options.MaxWritesPerCommit, 10_000);
        Check(result, nameof(options.MaxQueuedWrites), options.MaxQueuedWrites, 100_000);
        Check(result, nameof(options.MaxConcurrentReads), options.MaxConcurrentReads, 64);
        return result.Build();
    }

    private static void Check(ValidateOptionsResultBuilder result, string option, int value, int most)
    {
        if (value < 1 || value > most)
            result.AddError($"{Section}:{option} is {value}: give 1 to {most}.");
    }
}
