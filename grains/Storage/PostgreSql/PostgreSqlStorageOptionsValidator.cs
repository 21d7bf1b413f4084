using Microsoft.Extensions.Options;

namespace DeployCard.Storage.PostgreSql;

/// <summary>Validates the connection string before storage is first used. No error contains the password.</summary>
internal sealed class PostgreSqlStorageOptionsValidator : IValidateOptions<PostgreSqlStorageOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PostgreSqlStorageOptions options)
    {
        return FindFault(options.ConnectionString) is { } fault
            ? ValidateOptionsResult.Fail(
                $"{PostgreSqlStorageOptions.Section}:{nameof(options.ConnectionString)} {fault}: "
                    + "the format is Host=db;Database=deploycard;Username=deploycard;Password='…'."
            )
            : ValidateOptionsResult.Success;
    }

    private static string? FindFault(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "is empty";
        if (text.Contains("://", StringComparison.Ordinal) && !text.Contains('='))
            return "is a URL, which Npgsql does not support";
        // The library's error message quotes a part of the text, which may belong to the password. So that message is not shown.
        if (PostgreSqlConnections.TryParse(text) is not { } parsed)
            return "is malformed (a value that contains ; or = must be quoted)";
        return (parsed.Host, parsed.Database) switch
        {
            (null or "", _) => "has no Host",
            (_, null or "") => "has no Database",
            _ => null,
        };
    }
}
