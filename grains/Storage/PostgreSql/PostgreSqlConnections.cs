using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Connections as the settings want them.</summary>
internal static class PostgreSqlConnections
{
    /// <summary>Searches at once, of one silo.</summary>
    public const int MostSearches = 4;

    /// <summary>What a connection string says; null where it cannot be read.</summary>
    public static NpgsqlConnectionStringBuilder? TryParse(string text)
    {
        try
        {
            return new(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>The connections that grains and stores share.</summary>
    public static NpgsqlDataSource Pool(PostgreSqlStorageOptions options)
    {
        var settings = Settings(options);
        settings.MaxPoolSize = options.MostConnections;
        settings.MinPoolSize = 0;
        // Ours are a few dozen texts, said again and again: parsing and planning each anew is a third of what a write costs the server.
        settings.MaxAutoPrepare = 64;
        settings.AutoPrepareMinUsages = 2;
        // Nobody changes a session, so there is nothing to set back between two commands.
        settings.NoResetOnClose = true;
        // Otherwise a silo whose server moved on to another machine would find that out connection by connection.
        settings.ConnectionIdleLifetime = 60;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    /// <summary>
    /// A few more, for searches. A statement that is prepared is soon planned for any text; then an index that would find three of 100,000
    /// deployments at once is left for a walk through all of them.
    /// </summary>
    public static NpgsqlDataSource Searches(PostgreSqlStorageOptions options)
    {
        var settings = Settings(options);
        settings.MaxPoolSize = MostSearches;
        settings.MinPoolSize = settings.MaxAutoPrepare = 0;
        settings.NoResetOnClose = true;
        settings.ConnectionIdleLifetime = 60;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    /// <summary>One connection of its own, for the schema: a script may take as long as it needs.</summary>
    public static string Single(PostgreSqlStorageOptions options)
    {
        var settings = Settings(options);
        settings.Pooling = false;
        settings.CommandTimeout = 0;
        return settings.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder Settings(PostgreSqlStorageOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Timeout = Seconds(options.ConnectTimeout),
            CommandTimeout = Seconds(options.CommandTimeout),
            // The server was asked to break a command off that took too long; one that does not even answer that is away.
            CancellationTimeout = 1000,
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,
        };
        settings.ApplicationName ??= "deploycard";
        return settings;
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
