using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Every option in its range, before the first use of storage; all errors at once, and never a password among them.</summary>
internal sealed class PostgreSqlStorageOptionsValidator : IValidateOptions<PostgreSqlStorageOptions>
{
    private const string Section = PostgreSqlStorageOptions.Section;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PostgreSqlStorageOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (Fault(options.ConnectionString) is { } fault)
            result.AddError(
                $"{Section}:{nameof(options.ConnectionString)} {fault}: write it as in Host=db;Database=deploycard;Username=deploycard;Password='…'."
            );
        if (options.MaxConnections is < 2 or > 500)
            result.AddError($"{Section}:{nameof(options.MaxConnections)} is {options.MaxConnections}: give 2 to 500.");
        Check(result, nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromSeconds(30));
        Check(result, nameof(options.CommandTimeout), options.CommandTimeout, TimeSpan.FromMinutes(5));
        Check(result, nameof(options.SchemaLockTimeout), options.SchemaLockTimeout, TimeSpan.FromHours(1));
        return result.Build();
    }

    private static string? Fault(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "is empty";
        if (text.Contains("://", StringComparison.Ordinal) && !text.Contains('='))
            return "is a URL, which Npgsql does not read";
        // What the library says of a text that it cannot read quotes a part of it, which may be one of the password.
        if (PostgreSqlConnections.TryParse(text) is not { } parsed)
            return "cannot be read (a value with ; or = in it stands in quotes)";
        return (parsed.Host, parsed.Database) switch
        {
            (null or "", _) => "names no Host",
            (_, null or "") => "names no Database",
            _ => null,
        };
    }

    private static void Check(ValidateOptionsResultBuilder result, string option, TimeSpan value, TimeSpan most)
    {
        if (value < TimeSpan.FromSeconds(1) || value > most)
            result.AddError($"{Section}:{option} is {value}: give 00:00:01 to {most}.");
    }
}
