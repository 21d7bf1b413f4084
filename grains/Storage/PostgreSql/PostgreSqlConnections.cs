using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Connections as the settings want them.</summary>
internal static class PostgreSqlConnections
{
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
        settings.MaxPoolSize = options.MaxConnections;
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

    /// <summary>A few connections of Orleans' own, for its membership and reminders: those of grains may all be busy.</summary>
    public static string Few(PostgreSqlStorageOptions options)
    {
        var settings = Settings(options);
        settings.MaxPoolSize = 4;
        settings.PersistSecurityInfo = true;
        return settings.ConnectionString;
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
