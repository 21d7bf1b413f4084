using Microsoft.Extensions.Options;
using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Every option in its range, before the first use of storage; all errors at once, and no password in any of them.</summary>
internal sealed class PostgreSqlStorageOptionsValidator : IValidateOptions<PostgreSqlStorageOptions>
{
    private const string Section = PostgreSqlStorageOptions.Section;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PostgreSqlStorageOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (Wrong(options.ConnectionString) is { } wrong)
            result.AddError($"{Section}:{nameof(options.ConnectionString)} {wrong}: give one as in Host=db;Database=deploycard;Username=deploycard;Password=…");
        if (options.MostConnections is < 2 or > 1000)
            result.AddError($"{Section}:{nameof(options.MostConnections)} is {options.MostConnections}: give 2 to 1000.");
        Check(result, nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Check(result, nameof(options.CommandTimeout), options.CommandTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Check(result, nameof(options.SchemaTimeout), options.SchemaTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        return result.Build();
    }

    private static string? Wrong(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "is empty";
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(parsed.Host) ? "names no Host" : null;
        }
        catch (ArgumentException e)
        {
            // Npgsql names the word that it does not know, and shows no value.
            return e is ArgumentOutOfRangeException or { InnerException: not null } ? "has a value that is none" : $"cannot be read ({e.Message})";
        }
    }

    private static void Check(ValidateOptionsResultBuilder result, string option, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            result.AddError($"{Section}:{option} is {value}: give {least} to {most}.");
    }
}
