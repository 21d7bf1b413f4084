using Npgsql;

namespace DeployCard.Storage.PostgreSql;

/// <summary>Builds data sources and connection strings from the settings.</summary>
internal static class PostgreSqlConnections
{
    /// <summary>Parses a connection string; returns null if the text is malformed.</summary>
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

    /// <summary>Creates the pooled data source that grain storage and stores share.</summary>
    public static NpgsqlDataSource CreateDataSource(PostgreSqlStorageOptions options)
    {
        var settings = BuildSettings(options);
        settings.MaxPoolSize = options.MaxConnections;
        settings.MinPoolSize = 0;
        // The product repeats a few dozen command texts. Parsing and planning them each time is a third of the server's cost of a write.
        settings.MaxAutoPrepare = 64;
        settings.AutoPrepareMinUsages = 2;
        // No command changes its session, so connections need no reset between uses.
        settings.NoResetOnClose = true;
        // Limits how long idle connections to a server that has failed over remain in the pool.
        settings.ConnectionIdleLifetime = 60;
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    /// <summary>
    /// Returns the connection string of a separate small pool for the membership and reminders of Orleans, because all connections of the
    /// main pool may be busy.
    /// </summary>
    public static string OrleansConnectionString(PostgreSqlStorageOptions options)
    {
        var settings = BuildSettings(options);
        settings.MaxPoolSize = 4;
        settings.PersistSecurityInfo = true;
        return settings.ConnectionString;
    }

    /// <summary>
    /// Returns the connection string of the schema upgrade: no pooling and no command timeout, because scripts may run long.
    /// </summary>
    public static string SchemaConnectionString(PostgreSqlStorageOptions options)
    {
        var settings = BuildSettings(options);
        settings.Pooling = false;
        settings.CommandTimeout = 0;
        return settings.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder BuildSettings(PostgreSqlStorageOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Timeout = Seconds(options.ConnectTimeout),
            CommandTimeout = Seconds(options.CommandTimeout),
            // After a command timeout, Npgsql asks the server to cancel the command and waits this long (1 s) before it drops the
            // connection.
            CancellationTimeout = 1000,
            PersistSecurityInfo = false,
            IncludeErrorDetail = false,
        };
        settings.ApplicationName ??= "deploycard";
        return settings;
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
